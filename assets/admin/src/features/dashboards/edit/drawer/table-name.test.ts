import { expect, test } from "vitest";
import { tableNameOf } from "./table-name";

test("the title comes from the first table", () => {
  expect(tableNameOf("select * from orders where id = 1")).toBe("Orders");
  expect(tableNameOf('SELECT a\nFROM "public"."order_items" o join b using (id)')).toBe("Order items");
  expect(tableNameOf("select 1")).toBeNull();
  expect(tableNameOf("")).toBeNull();
});
