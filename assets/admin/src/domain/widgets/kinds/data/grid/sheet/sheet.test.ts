import { describe, expect, it } from "vitest";
import { changesOf } from "../draft/grid-changes";
import { emptyDraft, linesOf, type GridDraft } from "../draft/grid-draft";
import { gridFields } from "../draft/grid-fields";
import { formatCells, parseCells } from "./clipboard";
import { at, moved, within } from "./selection";
import { sheetActions } from "./sheet-actions";

describe("the clipboard", () => {
  it("is read as spreadsheets write it", () => {
    for (const [text, cells] of [
      [
        "a\tb\n1\t2\n",
        [
          ["a", "b"],
          ["1", "2"],
        ],
      ],
      ["a\r\nb\r\n", [["a"], ["b"]]],
      ['"two\nlines"\t"a ""quote"""\n', [["two\nlines", 'a "quote"']]],
      ["a\t\tb", [["a", "", "b"]]],
      ["a\t", [["a", ""]]],
      ['say "hi"', [['say "hi"']]],
      ["x", [["x"]]],
      ["", [[""]]],
      ["a\n\nb", [["a"], [""], ["b"]]],
    ] as const)
      expect(parseCells(text), JSON.stringify(text)).toEqual(cells);
    const cells = [
      ["a\tb", 'q"', ""],
      ["l1\nl2", "12", "ü"],
    ];
    expect(parseCells(formatCells(cells))).toEqual(cells);
  });
});

describe("the selection", () => {
  const size = { rows: 5, columns: 3, page: 2 };

  it("moves like that of a spreadsheet and stays in the table", () => {
    const go = (key: string, more: object = {}) => moved(at(1, 1), { key, ...more }, size);
    expect(go("ArrowDown")).toEqual(at(2, 1));
    expect(go("ArrowRight", { ctrlKey: true })).toEqual(at(1, 2));
    expect(go("PageDown")).toEqual(at(3, 1));
    expect(go("End", { ctrlKey: true })).toEqual(at(4, 2));
    expect(go("ArrowLeft", { shiftKey: true })).toEqual({
      anchor: { row: 1, column: 1 },
      focus: { row: 1, column: 0 },
    });
    expect(go("a", { ctrlKey: true })?.focus).toEqual({ row: 4, column: 2 });
    expect(go("a")).toBeNull();
    expect(moved(at(1, 2), { key: "Tab" }, size)).toBeNull();
    expect(moved(at(1, 0), { key: "Tab", shiftKey: true }, size)).toBeNull();
    expect(within(at(9, 9), size)).toEqual(at(4, 2));
  });
});

describe("the actions of a sheet", () => {
  const config = { columns: [{ field: "id", editing: "never" }, { field: "name" }, { field: "count" }] };
  const rows = [1, 2, 3].map((id) => ({ id, name: `n${id}`, count: id }));
  const columns = [
    { name: "id", type: "int8" },
    { name: "name", type: "text" },
    { name: "count", type: "int4" },
  ];
  const shape = { key: ["id"], fields: gridFields(config, columns, rows) };

  function sheet(adding = true) {
    let draft: GridDraft = emptyDraft;
    const actions = () =>
      sheetActions({
        shape,
        lines: linesOf(shape, rows, draft),
        adding,
        isReadOnly: false,
        change: (next) => {
          draft = next(draft);
        },
        undo: () => undefined,
        redo: () => undefined,
        onFailure: () => undefined,
      });
    return { actions, changes: () => changesOf(draft).map(({ change }) => change) };
  }
  const cell = (row: number, column: number) => ({ top: row, bottom: row, left: column, right: column });

  it("paste over several rows and columns, and add rows beyond the end", () => {
    const { actions, changes } = sheet();
    const filled = actions().paste(cell(2, 0), [
      ["9", "x", "7"],
      ["8", "y", ""],
    ]);
    expect(filled).toEqual({ top: 2, bottom: 3, left: 0, right: 2 });
    expect(changes()).toEqual([
      { update: { key: { id: 3 }, before: { name: "n3", count: 3 }, after: { name: "x", count: 7 } } },
      { insert: { values: { name: "y", count: null } } },
    ]);
  });

  it("paste no rows where none may be added", () => {
    const { actions, changes } = sheet(false);
    expect(actions().paste(cell(2, 1), [["x"], ["y"]])).toEqual({ top: 2, bottom: 2, left: 1, right: 1 });
    expect(changes()).toHaveLength(1);
  });

  it("fill the selection with one text, clear it and copy it", () => {
    const { actions, changes } = sheet();
    actions().paste({ top: 0, bottom: 1, left: 1, right: 1 }, [["same"]]);
    actions().clear(cell(2, 1));
    expect(changes()).toHaveLength(3);
    expect(actions().copy({ top: 0, bottom: 2, left: 0, right: 1 })).toEqual([
      ["1", "same"],
      ["2", "same"],
      ["3", ""],
    ]);
    actions().enter({ row: 2, column: 1 }, "");
    expect(changes()).toContainEqual({
      update: { key: { id: 3 }, before: { name: "n3" }, after: { name: null } },
    });
    expect(
      actions().paste(
        cell(0, 1),
        Array.from({ length: 60_000 }, () => ["x"]),
      ),
    ).toBeNull();
  });
});
