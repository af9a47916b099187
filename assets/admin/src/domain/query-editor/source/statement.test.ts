import { expect, it } from "vitest";
import { looksLikeWriting } from "@/lib/sql/writing";
import { effectOf } from "./statement";

it.each([
  "select * from orders",
  "-- delete from orders\nselect 1",
  "/* update */ (select 1) union select 2",
  "with latest as (select 'insert into x' as text) select * from latest",
  "values (1)",
  "explain delete from orders",
  "select * from orders for update",
  "select 1; select 2;",
  "select ';delete from x'",
  "",
])("reads: %s", (sql) => expect(looksLikeWriting(sql)).toBe(false));

it.each([
  "update orders set status = 'select'",
  "-- fix\ndelete from orders",
  "with old as (select 1) delete from orders",
  "create table t (a int)",
  "select 1; delete from orders",
  "explain analyze delete from orders",
  "select * into copy from orders",
  "pragma user_version = 5",
  "(delete from orders)",
  "INSERT INTO t VALUES ({{ params.a }})",
])("writes: %s", (sql) => expect(looksLikeWriting(sql)).toBe(true));

it("treats only plain reads as harmless", () => {
  const sql = (text: string) =>
    effectOf({ type: "postgresql", capabilities: { sql: true } as never }, { options: { sql: text } });
  const other = (type: string, options: Record<string, unknown>) =>
    effectOf({ type, capabilities: { sql: false } as never }, { options });
  expect([sql("select 1"), sql("delete from t")]).toEqual(["reads", "writes"]);
  expect([
    other("restapi", { method: "GET" }),
    other("restapi", { method: "DELETE" }),
    other("restapi", {}),
  ]).toEqual(["reads", "writes", "unknown"]);
  expect([
    other("graphql", { query: "# all\nquery { a }" }),
    other("graphql", { query: "mutation { a }" }),
    other("redis", { command: "DEL a" }),
  ]).toEqual(["reads", "writes", "unknown"]);
});
