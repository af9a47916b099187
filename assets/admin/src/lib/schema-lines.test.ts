import { describe, expect, it } from "vitest";
import { columnFacts, schemaLines } from "./schema-lines";

const column = (name: string) => ({ name, type: "int", nullable: false, primaryKey: false });
const tables = [
  { kind: "table", schema: "public", name: "orders", columns: [column("id"), column("total")] },
  { kind: "view", schema: "audit", name: "log", columns: [column("order_id")] },
];
const shown = (search: string, toggled = new Map<string, boolean>()) => schemaLines(tables, search, toggled).map(({ path, column }) => column?.name ?? path.join("."));

describe("schemaLines", () => {
  it("shows tables closed, with their schema where it is not the usual one", () => {
    expect(shown("")).toEqual(["orders", "audit.log"]);
  });

  it("shows the columns of an open table", () => {
    expect(shown("", new Map([["public.orders", true]]))).toEqual(["orders", "id", "total", "audit.log"]);
  });

  it("finds tables by name and by column, the latter open with those columns only", () => {
    expect(shown("order")).toEqual(["orders", "audit.log", "order_id"]);
    expect(shown("TOTAL")).toEqual(["orders", "total"]);
    expect(shown("total", new Map([["public.orders", false]]))).toEqual(["orders"]);
    expect(shown("nothing")).toEqual([]);
  });
});

it("says what a column is", () => {
  expect(columnFacts({ ...column("a"), primaryKey: true })).toEqual(["int, not null", "Primary key"]);
  expect(columnFacts({ ...column("a"), nullable: true, references: { schema: null, table: "customers", column: "id" }, default: "0", comment: "Who bought" })).toEqual(["int, nullable", "References customers.id", "Default: 0", "Who bought"]);
});
