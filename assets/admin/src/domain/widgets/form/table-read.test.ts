import { expect, test } from "vitest";
import { tableRead } from "./table-read";

const table = (name: string, schema: string | null = null) => ({ schema, name, kind: "table", columns: [] });
const tables = [table("parts"), table("order_items", "public"), table("order_items", "old")];
const nameOf = (sql: string) => {
  const found = tableRead(sql, tables);
  return found && [found.schema, found.name].filter(Boolean).join(".");
};

test("the table is the only one that the statement reads", () => {
  expect(nameOf("select * from parts order by id")).toBe("parts");
  expect(nameOf('SELECT id\nFROM "public"."order_items" o')).toBe("public.order_items");
  expect(nameOf("select * from order_items")).toBeNull();
  expect(nameOf("select * from parts join order_items using (id)")).toBeNull();
  expect(nameOf("select * from (select * from parts)")).toBeNull();
  expect(nameOf("select * from parts p, order_items")).toBeNull();
  expect(nameOf("select * from elsewhere")).toBeNull();
  expect(nameOf("select * from parts union select * from order_items")).toBeNull();
  expect(nameOf("select 1")).toBeNull();
});

test("subqueries for labels and conditions, as in the query of an app, are left out", () => {
  const label = "(select f.name from order_items f where f.id = t.item limit 1)";
  expect(nameOf(`select t.id, ${label} as l from parts t where (1 is null or instr(${label}, 1) > 0)`)).toBe(
    "parts",
  );
});
