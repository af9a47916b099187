import { expect, it } from "vitest";
import { columnName, columnNames, firstChoices, firstKey, numberedName, requestOf } from "./draft";

const column = (name: string, type: string, values = 2) => ({
  name,
  type: type as "text",
  isDeclared: false,
  values,
  missing: 2 - values,
  exceptions: null,
  note: null,
});
const preview = {
  name: "data",
  sheet: null,
  hidden: false,
  totalRows: 2,
  warnings: [],
  columns: [
    column("Order No", "text"),
    column("Price (€)", "real"),
    column("At", "datetime"),
    column("Took", "duration", 1),
  ],
  rows: [
    { row: 2, values: ["A-1", 1.125, "2026-01-31T10:00:00Z", "26:30:00"] },
    { row: 3, values: ["A-2", 99.5, "2026-02-01T10:00:00Z", null] },
  ],
};

it("names columns as databases do", () => {
  expect(["Order No", "Größe", "2026", "", "a__b ", "Straße"].map(columnName)).toEqual([
    "order_no",
    "groesse",
    "column_2026",
    "column_1",
    "a_b",
    "strasse",
  ]);
  expect(columnNames(["a", "A", "a "])).toEqual(["a", "a_2", "a_3"]);
});

it("takes the detected types, and finds zones and decimal places in the values", () => {
  expect(firstChoices(preview).map(({ name, type, decimals }) => [name, type, decimals])).toEqual([
    ["order_no", "text", 2],
    ["price", "real", 3],
    ["at", "timestamp", 2],
    ["took", "text", 2],
  ]);
});

it("finds a key, or adds a number", () => {
  expect(firstKey(preview)).toBe("numbered");
  const withID = (values: number) => ({ ...preview, columns: [column("ID", "integer", values)] });
  expect(firstKey(withID(2))).toEqual({ column: "ID" });
  expect(firstKey(withID(1))).toBe("numbered");
  const [choice] = firstChoices(preview);
  expect(numberedName(choice ? [{ ...choice, name: "ID" }] : [])).toBe("row_id");
});

it("asks for a new table with the chosen columns", () => {
  const [number, price, , took] = firstChoices(preview);
  if (!number || !price || !took) throw new Error("no columns");
  const columns = [number, { ...price, type: "decimal" as const, required: true }, { ...took, name: null }];
  const draft = { place: { newDatabase: " Shop " }, schema: null, table: "orders ", append: false, columns };
  expect(
    requestOf({ ...draft, key: { column: "Order No" } }, { fileID: "f1", decimal: "comma" }, "data"),
  ).toEqual({
    newDatabase: { name: "Shop" },
    options: { decimal: "comma" },
    source: "data",
    table: "orders",
    columns: [
      { from: "Order No", name: "order_no", type: "text", nullable: false },
      { from: "Price (€)", name: "price", type: "decimal", decimals: 3, nullable: false },
    ],
    key: ["order_no"],
  });
  const numbered = requestOf({ ...draft, key: "numbered" }, {}, "data");
  expect([numbered.key, numbered.numbered]).toEqual([[], "id"]);
});

it("appends to columns of an existing table", () => {
  const columns = firstChoices(preview).slice(0, 1);
  const place = { datasourceID: "d1" };
  const draft = { place, schema: "public", table: "orders", append: true, columns, key: "none" as const };
  expect(requestOf(draft, {}, "data")).toEqual({
    datasourceID: "d1",
    options: {},
    source: "data",
    schema: "public",
    table: "orders",
    columns: [{ from: "Order No", name: "order_no", type: "text" }],
    append: true,
  });
});
