import { expect, it } from "vitest";
import { changeOf } from "./data/number";
import { suggestConfig } from "./suggest";

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
