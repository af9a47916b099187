import { expect, it } from "vitest";
import { changeOf } from "./data/number";
import { suggestConfig, suggestSplit } from "./suggest";
import { suggestKinds } from "./suggest-kinds";

const columns = [
  { name: "id", type: "integer" },
  { name: "country", type: "text" },
  { name: "revenue", type: "numeric" },
  { name: "orders", type: "bigint" },
];

it("shows labels against numbers and skips ids", () => {
  expect(suggestConfig("bar", columns, [])).toEqual({
    x: "country",
    series: [{ field: "revenue" }, { field: "orders" }],
  });
  expect(suggestConfig("pie", columns, [])).toEqual({ label: "country", value: "revenue" });
  expect(suggestConfig("number", columns, [])).toEqual({ field: "revenue" });
});

it("derives types from the values if the columns have none", () => {
  const unknown = [
    { name: "a", type: "unknown" },
    { name: "b", type: "unknown" },
  ];
  expect(
    suggestConfig("line", unknown, [
      { a: null, b: null },
      { a: "x", b: 3 },
    ]),
  ).toEqual({ x: "a", series: [{ field: "b" }] });
});

it("uses the second column as the value while there are no rows", () => {
  const unknown = [
    { name: "a", type: "unknown" },
    { name: "b", type: "unknown" },
  ];
  expect(suggestConfig("bar", unknown, [])).toEqual({ x: "a", series: [{ field: "b" }] });
  expect(suggestConfig("bar", unknown, [{ a: "x", b: "y" }])).toEqual({ x: "a", series: [] });
});

it("suggests nothing without columns", () => {
  expect(suggestConfig("bar", [], [])).toEqual({ series: [] });
  expect(suggestConfig("number", [], [])).toEqual({});
});

it("computes the change, except from zero", () => {
  expect([
    changeOf(110, 100),
    changeOf(-50, -100),
    changeOf("75", 100),
    changeOf(5, 0),
    changeOf(5, null),
  ]).toEqual([0.1, 0.5, -0.25, null, null]);
});

it("shows long data as a correct stacked chart", () => {
  const long = ["2026-03-02", "2026-03-09"].flatMap((week) =>
    ["open", "done"].map((status) => ({ week, status, count: 2 })),
  );
  const named = Object.keys(long[0] ?? {}).map((name) => ({ name, type: "unknown" }));
  expect(suggestKinds(named, long)[0]).toBe("bar");
  expect(suggestConfig("bar", named, long)).toEqual({
    x: "week",
    split: "status",
    stack: "normal",
    series: [{ field: "count" }],
  });
  expect(suggestConfig("line", named, long)).toEqual({
    x: "week",
    split: "status",
    series: [{ field: "count" }],
  });
});

it("groups many times, and splits by a small category where several rows have the same pair", () => {
  const many = Array.from({ length: 200 }, (_, index) => ({
    at: `2026-01-01T${String(index % 24).padStart(2, "0")}:${String(index % 60).padStart(2, "0")}:00Z`,
    kind: `k${index % 3}`,
    amount: index,
  }));
  const named = Object.keys(many[0] ?? {}).map((name) => ({ name, type: "unknown" }));
  expect(suggestConfig("bar", named, many)).toMatchObject({ x: "at", split: "kind", grain: "auto" });
});

it("suggests a type for each kind of result", () => {
  const kind = (rows: Record<string, unknown>[]) =>
    suggestKinds(
      Object.keys(rows[0] ?? {}).map((name) => ({ name, type: "unknown" })),
      rows,
    )[0];
  expect([
    kind([{ n: 1 }]),
    kind([{ n: 1, m: 2, name: "a" }]),
    kind([
      { day: "2026-01-01", n: 1 },
      { day: "2026-01-02", n: 2 },
    ]),
    kind([
      { country: "DE", n: 1 },
      { country: "US", n: 2 },
    ]),
    kind([
      { lat: 1, lon: 2 },
      { lat: 1, lon: 3 },
    ]),
    kind([
      { a: 1, b: 2 },
      { a: 2, b: 3 },
    ]),
    kind([{ name: "a" }, { name: "b" }]),
    kind([]),
  ]).toEqual(["number", "keyValue", "line", "bar", "map", "scatter", "table", "table"]);
});

const typed = (rows: Record<string, unknown>[]) =>
  Object.entries(rows[0] ?? {}).map(([name, value]) => ({
    name,
    type: typeof value === "number" ? (Number.isInteger(value) ? "integer" : "numeric") : "text",
  }));
/** The rows of a CSV file: each has its own ID and its own note. */
const orders = Array.from({ length: 24 }, (_, index) => ({
  id: index + 1,
  month: `2026-0${5 - (index % 4)}`,
  note: `Order ${index}`,
  region: index % 3 === 0 ? "North" : "South",
  amount: index + 0.5,
}));

it("never splits by a key, nor by a column whose value is different in each row", () => {
  const split = (...names: (keyof (typeof orders)[number])[]) => {
    const rows = orders.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])));
    return suggestConfig("bar", typed(rows), rows);
  };
  expect(split("id", "month", "amount")).toEqual({ x: "month", series: [{ field: "amount" }] });
  expect(split("id", "month", "note", "amount")).not.toHaveProperty("split");
  expect(split("id", "month", "region", "amount")).toMatchObject({ x: "month", split: "region" });
  expect(suggestSplit("month", ["amount"], typed(orders.slice(0, 6)), orders.slice(0, 6))).toBe("region");
  expect(suggestSplit("id", ["amount"], typed(orders), orders)).toBeUndefined();
});

it("has months on the axis, whether they are texts or numbers, in their order", () => {
  const numbered = orders.map(({ month, amount }) => ({ month: Number(month.slice(5)), amount }));
  expect(suggestConfig("bar", typed(numbered), numbered)).toEqual({
    x: "month",
    order: "axis",
    series: [{ field: "amount" }],
  });
  expect(suggestKinds(typed(numbered), numbered)[0]).toBe("bar");
  const named = numbered.map((row, index) => ({ region: index % 2 ? "North" : "South", ...row }));
  expect(suggestConfig("bar", typed(named), named)).toMatchObject({ x: "month", split: "region" });
});
