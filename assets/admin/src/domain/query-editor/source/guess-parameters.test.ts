import { expect, it } from "vitest";
import { guessParameters } from "./guess-parameters";

const column = (name: string, type: string, nullable = false) => ({
  name,
  type,
  nullable,
  primaryKey: false,
});
const tables = [
  {
    kind: "table",
    schema: "public",
    name: "customers",
    columns: [
      column("id", "integer"),
      column("name", "text"),
      column("active", "boolean"),
      column("since", "timestamptz"),
      column("mrr", "numeric", true),
    ],
  },
];

const guessed = (sql: string, ...names: string[]) =>
  guessParameters(names, sql, tables, !sql.startsWith("select")).map(({ name, type, required }) => [
    name,
    type,
    required,
  ]);

it("takes the types of the columns that parameters are compared with", () => {
  const sql = "select * from customers c where c.id = {{ params.customer }} and since >= {{ params.from }}";
  expect(guessed(sql, "customer", "from", "other")).toEqual([
    ["customer", "number", false],
    ["from", "date", false],
    ["other", "string", false],
  ]);
});

it("requires the values of a change, except where a column may be empty", () => {
  const insert =
    "insert into customers (name, active, mrr) values ({{ params.title }}, {{ params.active }}, {{ params.mrr }})";
  expect(guessed(insert, "title", "active", "mrr")).toEqual([
    ["title", "string", true],
    ["active", "boolean", true],
    ["mrr", "number", false],
  ]);
  expect(guessed("delete from customers where id = {{ params.id }}", "id")).toEqual([["id", "number", true]]);
});
