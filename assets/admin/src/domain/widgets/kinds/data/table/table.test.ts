import { expect, it } from "vitest";
import { columnsOf } from "@/lib/rows/cells";
import {
  arrangeColumns,
  arrangementOf,
  colorRules,
  entered,
  largestIn,
  moved,
  offeredFor,
  rowActions,
  tableColumns,
  toneFor,
} from "./table-columns";
import { cellWords } from "./cell-words";
import { foundRows, type Wanted } from "./table-view";

const columns = [
  { name: "id", type: "integer" },
  { name: "status", type: "text" },
  { name: "total", type: "real" },
];
const config = {
  columns: [
    {
      field: "status",
      label: "Status",
      display: "badge",
      edit: { action: { type: "query", queryID: "q", values: {} }, choices: ["new", "done", 3] },
    },
    { field: "total", format: "currency", currency: "EUR", hidden: true },
    { field: "gone" },
  ],
  rules: [
    { when: { field: "total", operator: "greater", value: "100" }, color: "red", row: true },
    { when: { field: "status", operator: "equals", value: "new" }, color: "blue" },
    { when: { operator: "empty" }, color: "green" },
  ],
  rowActions: [
    {
      label: "Refund",
      action: { type: "query", queryID: "q" },
      when: { field: "status", operator: "notEquals", value: "done" },
      danger: true,
    },
    { label: "Nothing chosen", action: { type: "query" } },
  ],
};

it("shows all columns until some are selected", () => {
  expect(tableColumns({}, columns).map(({ field }) => field)).toEqual(["id", "status", "total"]);
  const drawn = tableColumns(config, columns);
  expect(
    drawn.map(({ field, label, type, display, hidden }) => [field, label, type, display, hidden]),
  ).toEqual([
    ["status", "Status", "text", "badge", false],
    ["total", "total", "real", "plain", true],
    ["gone", "gone", "unknown", "plain", false],
  ]);
  expect(drawn[0]?.edit).toEqual({
    action: { type: "query", id: "q", values: {}, path: "config.columns[0].edit.action" },
    choices: ["new", "done"],
  });
  expect(cellWords(drawn[1] ?? (drawn[0] as never), 5)).toMatch(/5.00/);
});

it("keeps the reader's order, with new columns last", () => {
  const drawn = tableColumns({}, columns);
  expect(arrangementOf(tableColumns(config, columns))).toEqual({
    order: ["status", "total", "gone"],
    hidden: ["total"],
  });
  expect(arrangeColumns(drawn, { order: ["total", "id"], hidden: [] }).map(({ field }) => field)).toEqual([
    "total",
    "id",
    "status",
  ]);
  expect([moved(["a", "b", "c"], "b", -1), moved(["a", "b", "c"], "c", 1), moved(["a"], "x", 1)]).toEqual([
    ["b", "a", "c"],
    ["a", "b", "c"],
    ["a"],
  ]);
});

it("colors a cell, or its row, by the first matching rule", () => {
  const rules = colorRules(config);
  expect(rules).toHaveLength(2);
  const row = { status: "new", total: 50 };
  expect([
    toneFor(rules, row, "status"),
    toneFor(rules, row, "total"),
    toneFor(rules, { ...row, total: 500 }, "status"),
  ]).toEqual(["blue", undefined, "red"]);
});

it("offers an action for matching rows only", () => {
  const actions = rowActions(config);
  expect(actions.map(({ label }) => label)).toEqual(["Refund"]);
  expect([
    offeredFor(actions, { row: { status: "new" } }).length,
    offeredFor(actions, { row: { status: "done" } }).length,
  ]).toEqual([1, 0]);
});

const find = (
  rows: readonly Record<string, unknown>[],
  wanted: Partial<Wanted>,
  columns = tableColumns({}, columnsOf(rows)),
  shown = columns,
) => foundRows(rows, { text: "", filters: [], order: null, ...wanted }, columns, shown);

it("searches rows by text and by conditions, and sorts them", () => {
  const rows = [
    { a: "x", n: 2 },
    { a: "y", n: 10 },
    { a: "xy", n: 1 },
  ];
  const names = (found: readonly Record<string, unknown>[]) => found.map(({ a }) => a);
  expect(names(find(rows, { text: "x", order: { column: "n", descending: true } }))).toEqual(["x", "xy"]);
  expect(
    names(
      find(rows, {
        filters: [
          { field: "n", operator: "less", value: "5" },
          { field: "a", operator: "contains", value: "Y" },
        ],
      }),
    ),
  ).toEqual(["xy"]);
  expect(
    names(find(rows, { filters: [{ field: "n", operator: "less", value: "" }] })),
    "a condition without its value is not yet one",
  ).toHaveLength(3);
});

it("searches displayed texts, and only in visible columns", () => {
  const rows = [
    { total: 1240.5, paid: true, note: "n7x" },
    { total: 1234, paid: false, note: "z" },
  ];
  const all = tableColumns(
    {
      columns: [
        { field: "total", format: "currency", currency: "EUR" },
        { field: "paid", display: "check" },
        { field: "note", hidden: true },
      ],
    },
    columnsOf(rows),
  );
  const totals = (text: string) =>
    find(
      rows,
      { text },
      all,
      all.filter(({ hidden }) => !hidden),
    ).map(({ total }) => total);
  expect([totals("1,240.50"), totals("yes"), totals("n7x"), totals("true"), totals("1240.5")]).toEqual([
    [1240.5],
    [1240.5],
    [],
    [],
    [],
  ]);
  expect(
    find(rows, { filters: [{ field: "total", operator: "contains", value: "1,240" }] }, all),
  ).toHaveLength(1);
});

it("pages through a hundred thousand rows", () => {
  const rows = Array.from({ length: 100_000 }, (_, index) => ({
    id: index,
    name: `Row ${index % 977}`,
    total: (index * 7919) % 1000,
  }));
  const found = find(rows, {
    filters: [{ field: "total", operator: "greater", value: "500" }],
    order: { column: "total", descending: false },
  });
  expect(found.length).toBe(rows.filter(({ total }) => total > 500).length);
  expect(found[0]?.["total"]).toBe(501);
  expect(largestIn(rows, "total")).toBe(999);
});

it("converts what was entered to the type of the old value", () => {
  expect([
    entered("12", 5),
    entered("a dozen", 5),
    entered("12", "5"),
    entered("", "x"),
    entered("TRUE", false),
    entered("9007199254740993", 5),
  ]).toEqual([12, "a dozen", "12", null, true, "9007199254740993"]);
});

it("shows values by their type: times in the reader's time zone, and ids as they are", () => {
  const rows = [{ at: "2026-03-01T09:00:00Z", day: "2026-03-01", id: 1200 }];
  const words = tableColumns({}, columnsOf(rows), rows).map((column) =>
    cellWords(column, rows[0]?.[column.field as "at"]),
  );
  expect(words.slice(1)).toEqual(["Mar 1, 2026", "1200"]);
  expect(words[0]).not.toContain("T09");
  expect(words[0]).toMatch(/2026/);
});

it("shows statuses and booleans as such, unless the config says otherwise", () => {
  const rows = [
    { status: "open", paid: true, total: 1234.5 },
    { status: "failed", paid: false, total: 2 },
  ];
  const drawn = tableColumns({}, columnsOf(rows), rows);
  expect(drawn.map(({ display, format }) => [display, format.align])).toEqual([
    ["badge", "left"],
    ["check", "left"],
    ["plain", "right"],
  ]);
  expect(drawn[0]?.format.tone("failed")).toBe("red");
  const [plain] = tableColumns({ columns: [{ field: "status", display: "plain" }] }, columnsOf(rows), rows);
  expect(plain?.display).toBe("plain");
  const found = (text: string) => find(rows, { text }, drawn).map(({ total }) => total);
  expect([found("1234"), found("1,234.5"), found("fail"), found("x")]).toEqual([[1234.5], [1234.5], [2], []]);
});
