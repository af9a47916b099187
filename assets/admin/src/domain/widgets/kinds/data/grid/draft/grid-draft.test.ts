import { describe, expect, it } from "vitest";
import { changesOf, conflictsOf, keepMine, problemsOf, refusalsOf, cellID } from "./grid-changes";
import {
  addRows,
  countsOf,
  deleteRows,
  emptyDraft,
  isEmpty,
  linesOf,
  restoreRows,
  setCells,
  type Line,
} from "./grid-draft";
import { gridFields, keyColumns, type GridField } from "./grid-fields";

const config = {
  key: ["id"],
  columns: [
    { field: "id", editing: "newRows" },
    { field: "name" },
    { field: "price", label: "Price" },
    { field: "total", editing: "never" },
  ],
};
const columns = [
  { name: "id", type: "int8" },
  { name: "name", type: "text" },
  { name: "price", type: "numeric" },
  { name: "total", type: "numeric" },
];
const rows = [
  { id: 1, name: "Lamp", price: 12.5, total: 3 },
  { id: "9007199254740993", name: null, price: null, total: 4 },
];
const shape = { key: keyColumns(config), fields: gridFields(config, columns, rows) };
const [id, name, price] = shape.fields as [never, never, never];
const entered = (draft: typeof emptyDraft, of: Line, field: GridField, value: unknown) =>
  setCells(shape, draft, [{ line: of, field, value }]);
const line = (at: number, draft = emptyDraft) => {
  const found = linesOf(shape, rows, draft)[at];
  if (!found) throw new Error("no line");
  return found;
};

describe("a draft", () => {
  it("contains only what differs, with the values before", () => {
    let draft = entered(emptyDraft, line(0), name, "Torch");
    draft = entered(draft, line(0, draft), price, "12.50");
    draft = entered(draft, line(1, draft), name, "");
    expect(changesOf(draft).map(({ change }) => change)).toEqual([
      { update: { key: { id: 1 }, before: { name: "Lamp" }, after: { name: "Torch" } } },
      { update: { key: { id: "9007199254740993" }, before: { name: null }, after: { name: "" } } },
    ]);
    draft = entered(draft, line(0, draft), name, "Lamp");
    draft = entered(draft, line(1, draft), name, null);
    expect(isEmpty(draft)).toBe(true);
  });

  it("has no null for a column that is never null: a new row gets its default", () => {
    expect(shape.fields.map(({ neverNull }) => neverNull)).toEqual([true, false, false, false]);
    const { draft, added } = addRows(emptyDraft, 1);
    const [row] = added as [Line];
    let next = entered(draft, row, id, 7);
    next = entered(next, { ...row, row: { id: 7 } }, id, null);
    next = entered(next, row, price, null);
    expect(next.inserts[0]?.values).toEqual({ price: null });
  });

  it("keeps the first value before, also when the rows are loaded again", () => {
    let draft = entered(emptyDraft, line(0), name, "Torch");
    const reloaded = linesOf(shape, [{ ...rows[0], name: "Other" }], draft)[0];
    if (reloaded) draft = entered(draft, reloaded, name, "Candle");
    expect(draft.updates["[1]"]).toEqual({
      key: { id: 1 },
      before: { name: "Lamp" },
      after: { name: "Candle" },
    });
  });

  it("adds, deletes and restores rows", () => {
    const { draft: added, added: lines } = addRows(emptyDraft, 2);
    const first = lines[0];
    if (!first) throw new Error("no line");
    let draft = entered(added, first, name, "New");
    draft = deleteRows(shape, draft, [line(0, draft), line(3, draft)]);
    expect(countsOf(draft)).toEqual({ changed: 0, added: 1, deleted: 1 });
    expect(changesOf(draft).map(({ change }) => change)).toEqual([
      { delete: { key: { id: 1 }, before: { id: 1, name: "Lamp", price: 12.5 } } },
      { insert: { values: { name: "New" } } },
    ]);
    draft = restoreRows(draft, ["[1]", first.id]);
    expect(isEmpty(draft)).toBe(true);
  });

  it("names what cannot be saved, here and on the server", () => {
    let draft = entered(emptyDraft, line(0), price, "abc");
    expect(Object.keys(problemsOf(shape.fields, draft))).toEqual([cellID("[1]", "price")]);
    draft = addRows(draft, 1).draft;
    const sent = changesOf(draft);
    const refused = refusalsOf(
      [
        { path: "changes[0].update.after.price", message: "must be a number" },
        { path: "changes[1].insert", message: "is refused" },
        { path: "item", message: "other" },
      ],
      sent,
    );
    expect(refused).toEqual({
      [cellID("[1]", "price")]: "must be a number",
      [cellID(sent[1]?.id ?? "", "")]: "is refused",
    });
  });

  it("has no empty cell where the column is required, also in new rows", () => {
    const required = { ...config, columns: [config.columns[0], { field: "name", required: true }] };
    const fields = gridFields(required, columns, rows);
    const own = { key: ["id"], fields };
    const field = fields[1] as GridField;
    const clear = (value: unknown) => setCells(own, emptyDraft, [{ line: line(0), field, value }]);
    const message = "Enter a value: this column must not be empty.";
    expect(problemsOf(fields, clear(null))).toEqual({ [cellID("[1]", "name")]: message });
    expect(problemsOf(fields, clear(""))).toEqual({ [cellID("[1]", "name")]: message });
    expect(problemsOf(fields, clear("Torch"))).toEqual({});
    const { draft, added } = addRows(emptyDraft, 1);
    const id = added[0]?.id ?? "";
    expect(problemsOf(fields, draft)).toEqual({ [cellID(id, "name")]: message });
  });

  it("is kept over what others changed, or given up", () => {
    let draft = entered(emptyDraft, line(0), name, "Torch");
    draft = deleteRows(shape, draft, [line(1, draft)]);
    const current = { id: 1, name: "Theirs", price: 12.5 };
    const conflicts = conflictsOf(
      [
        { change: 0, current, fields: ["name"] },
        { change: 1, current: null, fields: [] },
      ],
      changesOf(draft),
    );
    const [first, second] = [conflicts["[1]"], conflicts['["9007199254740993"]']];
    if (!first || !second) throw new Error("no conflicts");
    const kept = keepMine(draft, "[1]", first, rows[0] ?? null, shape.fields);
    expect(kept.updates["[1]"]).toEqual({
      key: { id: 1 },
      before: { name: "Theirs" },
      after: { name: "Torch" },
    });
    expect(
      isEmpty(restoreRows(keepMine(kept, '["9007199254740993"]', second, null, shape.fields), ["[1]"])),
    ).toBe(true);
    const again = keepMine(draft, "[1]", { current: null, fields: [] }, rows[0] ?? null, shape.fields);
    expect(again.inserts.map(({ values }) => values)).toEqual([{ id: 1, name: "Torch", price: 12.5 }]);
    expect(again.updates).toEqual({});
  });

  it("lets keys be set only in new rows", () => {
    const { draft, added } = addRows(emptyDraft, 1);
    const first = added[0];
    if (!first) throw new Error("no line");
    expect(entered(draft, first, id, 7).inserts[0]?.values).toEqual({ id: 7 });
  });
});

it("columns have the label and the format that the query declares, unless the widget sets them", () => {
  const declared = [
    { name: "price", type: "number", label: "Price", format: "currency" as const, currency: "EUR" },
    { name: "state", type: "text", colors: { open: "amber" as const } },
    { name: "n", type: "int4" },
  ];
  const config = {
    columns: [
      { field: "price" },
      { field: "price", label: "Own", format: "number", decimals: 1 },
      { field: "state" },
      { field: "n" },
    ],
  };
  const [first, second, state, plain] = gridFields(config, declared, [
    { price: 1200, state: "open", n: 1200 },
  ]);
  expect([first?.label, first?.format.text(1200), first?.entry]).toEqual(["Price", "€1,200.00", "number"]);
  expect([second?.label, second?.format.text(1200)]).toEqual(["Own", "1,200.0"]);
  expect([state?.format.isStatus, state?.format.tone("open")]).toEqual([true, "amber"]);
  expect([first?.format.isDeclared, plain?.format.isDeclared]).toEqual([true, false]);
});
