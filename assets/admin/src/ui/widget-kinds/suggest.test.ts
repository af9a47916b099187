import { expect, it } from "vitest";
import { changeOf } from "./number";
import { suggestConfig } from "./suggest";

const columns = [{ name: "id", type: "integer" }, { name: "country", type: "text" }, { name: "revenue", type: "numeric" }, { name: "orders", type: "bigint" }];

it("draws names against figures and leaves ids alone", () => {
  expect(suggestConfig("bar", columns, [])).toEqual({ x: "country", series: [{ field: "revenue" }, { field: "orders" }] });
  expect(suggestConfig("pie", columns, [])).toEqual({ label: "country", value: "revenue" });
  expect(suggestConfig("number", columns, [])).toEqual({ field: "revenue" });
});

it("reads types from the values where the columns do not tell", () => {
  const unknown = [{ name: "a", type: "unknown" }, { name: "b", type: "unknown" }];
  expect(suggestConfig("line", unknown, [{ a: null, b: null }, { a: "x", b: 3 }])).toEqual({ x: "a", series: [{ field: "b" }] });
});

it("takes the second column for the figure while there are no rows", () => {
  const unknown = [{ name: "a", type: "unknown" }, { name: "b", type: "unknown" }];
  expect(suggestConfig("bar", unknown, [])).toEqual({ x: "a", series: [{ field: "b" }] });
  expect(suggestConfig("bar", unknown, [{ a: "x", b: "y" }])).toEqual({ x: "a", series: [] });
});

it("guesses nothing without columns", () => {
  expect(suggestConfig("bar", [], [])).toEqual({ series: [] });
  expect(suggestConfig("number", [], [])).toEqual({});
});

it("tells the change, except from nothing", () => {
  expect([changeOf(110, 100), changeOf(-50, -100), changeOf("75", 100), changeOf(5, 0), changeOf(5, null)]).toEqual([0.1, 0.5, -0.25, null, null]);
});
