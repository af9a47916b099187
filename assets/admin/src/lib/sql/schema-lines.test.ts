import { describe, expect, it } from "vitest";
import { columnFacts, schemaLines } from "./schema-lines";

const column = (name: string) => ({ name, type: "int", nullable: false, primaryKey: false });
const tables = [
  { kind: "table", schema: "public", name: "orders", columns: [column("id"), column("total")] },
  { kind: "view", schema: "audit", name: "log", columns: [column("order_id")] },
];
const shown = (search: string, toggled = new Map<string, boolean>()) =>
  schemaLines(tables, search, toggled).map(({ path, column }) => column?.name ?? path.join("."));

describe("schemaLines", () => {
  it("shows tables collapsed, with their schema if it is not the default one", () => {
    expect(shown("")).toEqual(["orders", "audit.log"]);
  });

  it("shows the columns of an expanded table", () => {
    expect(shown("", new Map([["public.orders", true]]))).toEqual(["orders", "id", "total", "audit.log"]);
  });

  it("finds tables by name and by column, the latter expanded with those columns only", () => {
    expect(shown("order")).toEqual(["orders", "audit.log", "order_id"]);
    expect(shown("TOTAL")).toEqual(["orders", "total"]);
    expect(shown("total", new Map([["public.orders", false]]))).toEqual(["orders"]);
    expect(shown("nothing")).toEqual([]);
  });
});

it("describes a column", () => {
  expect(columnFacts({ ...column("a"), primaryKey: true })).toEqual(["int, not null", "Primary key"]);
  expect(
    columnFacts({
      ...column("a"),
      nullable: true,
      references: { schema: null, table: "customers", column: "id" },
      default: "0",
      comment: "Who bought",
    }),
  ).toEqual(["int, nullable", "References customers.id", "Default: 0", "Who bought"]);
});
