import { describe, expect, it } from "vitest";
import { asRows, cellText, columnsOf, isNumeric, sortRows } from "./cells";

const rows = [{ n: 10, s: "b" }, { n: null, s: "A" }, { n: 9, s: "a10" }, { n: 100, s: "a9" }];
const sorted = (column: string, descending: boolean) => sortRows(rows, { column, descending }).map((row) => row[column as "n"]);

describe("sortRows", () => {
  it("sorts numbers as numbers and keeps nulls last both ways", () => {
    expect(sorted("n", false)).toEqual([9, 10, 100, null]);
    expect(sorted("n", true)).toEqual([100, 10, 9, null]);
  });

  it("sorts text as people do", () => {
    expect(sorted("s", false)).toEqual(["A", "a9", "a10", "b"]);
  });

  it("leaves the rows as they came without an order", () => {
    expect(sortRows(rows, null)).toBe(rows);
  });
});

describe("isNumeric", () => {
  it("goes by the type, and by the first value where there is none", () => {
    expect(isNumeric({ name: "n", type: "int8" }, [])).toBe(true);
    expect(isNumeric({ name: "n", type: "numeric(12,2)" }, [])).toBe(true);
    expect(isNumeric({ name: "n", type: "interval" }, [])).toBe(false);
    expect(isNumeric({ name: "n", type: "text" }, rows)).toBe(false);
    expect(isNumeric({ name: "n", type: "unknown" }, rows)).toBe(true);
  });
});

it("tells rows from other data", () => {
  expect(asRows([{ a: 1 }])).toEqual([{ a: 1 }]);
  expect([asRows([1]), asRows({ a: 1 }), asRows([[1]]), asRows(null)]).toEqual([null, null, null, null]);
});

it("finds the columns of uneven rows in the order they appear", () => {
  expect(columnsOf([{ a: 1 }, { b: 2, a: 3 }]).map(({ name }) => name)).toEqual(["a", "b"]);
});

it("keeps the described columns that rows have, and adds what a transformer added", () => {
  const described = [{ name: "b", type: "int" }, { name: "gone", type: "text" }];
  expect(columnsOf([{ a: 1, b: 2 }], described)).toEqual([{ name: "b", type: "int" }, { name: "a", type: "unknown" }]);
  expect(columnsOf([], described)).toEqual(described);
});

it("writes values as they stand in a cell", () => {
  expect([cellText(null), cellText(0), cellText(""), cellText({ a: [1] }), cellText(false)]).toEqual(["null", "0", "", '{"a":[1]}', "false"]);
});
