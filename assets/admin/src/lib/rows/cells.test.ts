import { describe, expect, it } from "vitest";
import { asRows, cellText, columnsOf, isNumeric, kindOf, searchRows, sortRows } from "./cells";

const rows = [
  { n: 10, s: "b" },
  { n: null, s: "A" },
  { n: 9, s: "a10" },
  { n: 100, s: "a9" },
];
const sorted = (column: string, descending: boolean) =>
  sortRows(rows, { column, descending }).map((row) => row[column as "n"]);

describe("sortRows", () => {
  it("sorts numbers as numbers and keeps nulls last both ways", () => {
    expect(sorted("n", false)).toEqual([9, 10, 100, null]);
    expect(sorted("n", true)).toEqual([100, 10, 9, null]);
  });

  it("sorts text in natural order", () => {
    expect(sorted("s", false)).toEqual(["A", "a9", "a10", "b"]);
  });

  it("keeps the rows' order without a sort column", () => {
    expect(sortRows(rows, null)).toBe(rows);
  });
});

describe("isNumeric", () => {
  it("uses the type, and without one the values", () => {
    expect(isNumeric({ name: "n", type: "int8" }, [])).toBe(true);
    expect(isNumeric({ name: "n", type: "numeric(12,2)" }, [])).toBe(true);
    expect(isNumeric({ name: "n", type: "interval" }, [])).toBe(false);
    expect(isNumeric({ name: "n", type: "text" }, rows)).toBe(false);
    expect(isNumeric({ name: "n", type: "unknown" }, rows)).toBe(true);
  });
});

it("distinguishes rows from other data", () => {
  expect(asRows([{ a: 1 }])).toEqual([{ a: 1 }]);
  expect([asRows([1]), asRows({ a: 1 }), asRows([[1]]), asRows(null)]).toEqual([null, null, null, null]);
});

it("finds the columns of uneven rows in the order they appear", () => {
  expect(columnsOf([{ a: 1 }, { b: 2, a: 3 }]).map(({ name }) => name)).toEqual(["a", "b"]);
});

it("keeps the described columns that rows have, and adds what a transformer added", () => {
  const described = [
    { name: "b", type: "int" },
    { name: "gone", type: "text" },
  ];
  expect(columnsOf([{ a: 1, b: 2 }], described)).toEqual([
    { name: "b", type: "int" },
    { name: "a", type: "unknown" },
  ]);
  expect(columnsOf([], described)).toEqual(described);
});

it("formats values for a cell", () => {
  expect([cellText(null), cellText(0), cellText(""), cellText({ a: [1] }), cellText(false)]).toEqual([
    "null",
    "0",
    "",
    '{"a":[1]}',
    "false",
  ]);
});

describe("a column of averages", () => {
  const averages = ["10.3333333333333333", 10.5, 7, "9.6666666666666667", "-9.5", -10].map((mean) => ({
    mean,
  }));
  const order = (column: string, values: readonly Record<string, unknown>[]) =>
    sortRows(values, { column, descending: false }, [{ name: column, type: "numeric" }]).map(
      (row) => row[column],
    );

  it("is sorted by amount, whatever form each has", () => {
    expect(order("mean", averages)).toEqual([
      -10,
      "-9.5",
      7,
      "9.6666666666666667",
      "10.3333333333333333",
      10.5,
    ]);
  });

  it("puts numbers before other values, and codes with leading zeros among texts", () => {
    expect(
      sortRows([{ v: "n/a" }, { v: "9.67" }, { v: 9.5 }], { column: "v", descending: false }).map(
        ({ v }) => v,
      ),
    ).toEqual([9.5, "9.67", "n/a"]);
    expect(
      kindOf({ name: "at", type: "string" }, [{ at: "2026-03-01T09:00:00" }]),
      "JSON knows moments as texts",
    ).toBe("moment");
    expect(kindOf({ name: "zip", type: "text" }, [{ zip: "12345" }, { zip: "99999" }])).toBe("text");
    expect(kindOf({ name: "zip", type: "unknown" }, [{ zip: "01234" }, { zip: "99999" }])).toBe("text");
  });

  it("is recognized by its type, else by all of its values", () => {
    const kind = (...values: unknown[]) =>
      kindOf(
        { name: "v", type: "unknown" },
        values.map((v) => ({ v })),
      );
    expect([
      kind(1, "2.50"),
      kind("1", "2"),
      kind(1, "x"),
      kind("a", 1),
      kind("2026-01-01", null),
      kind(null),
    ]).toEqual(["number", "number", "mixed", "mixed", "moment", "text"]);
  });
});

it("sorts dates by time", () => {
  const rows = ["2026-03-01T10:00:00+02:00", "2026-03-01T09:30:00Z", "2026-03-01T08:30:00Z"].map((at) => ({
    at,
  }));
  expect(sortRows(rows, { column: "at", descending: false }).map(({ at }) => at)).toEqual([
    "2026-03-01T10:00:00+02:00",
    "2026-03-01T08:30:00Z",
    "2026-03-01T09:30:00Z",
  ]);
});

it("searches displayed texts, ignoring the kind of spaces", () => {
  expect(searchRows([{ a: 1 }, { a: 2 }], "1 200", ({ a }) => [a === 1 ? "1\u202f200\u00a0€" : ""])).toEqual([
    { a: 1 },
  ]);
});
