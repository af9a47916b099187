import { isTicked, printValue, readValue } from "../draft/cell-values";
import {
  addRows,
  isOpen,
  setCells,
  type CellEdit,
  type GridDraft,
  type Line,
  type Shape,
} from "../draft/grid-draft";
import type { Place, Rectangle } from "./selection";

/** What a sheet may change. */
export interface SheetActions {
  /** Whether a cell can be edited. */
  isOpen: (place: Place) => boolean;
  /** Enters a text in a cell. */
  enter: (place: Place, text: string) => void;
  /** Sets a cell to the key of a row. */
  choose: (place: Place, key: unknown) => void;
  toggle: (place: Place) => void;
  /** Clears cells: to null, or to an empty text where that is wanted. */
  clear: (cells: Rectangle) => void;
  /** Returns the texts of cells. */
  copy: (cells: Rectangle) => string[][];
  /**
   * Enters texts from a place on, or in every selected cell if it is one text. Returns the filled cells. The texts are
   * there once the rows are found that they refer to.
   */
  paste: (cells: Rectangle, texts: readonly (readonly string[])[]) => Rectangle | null;
  undo: () => void;
  redo: () => void;
}

interface Given {
  shape: Shape;
  lines: readonly Line[];
  /** Whether rows may be added. */
  adding: boolean;
  isReadOnly: boolean;
  change: (next: (draft: GridDraft) => GridDraft) => void;
  undo: () => void;
  redo: () => void;
  /** Called if the rows cannot be found that pasted texts refer to. */
  onFailure: (error: unknown) => void;
}

/** The maximum number of cells that are pasted at once. */
const MOST_CELLS = 50_000;

/** Creates the actions of a sheet on its draft. */
export function sheetActions(given: Given): SheetActions {
  const { shape, lines, adding, isReadOnly, change, undo, redo, onFailure } = given;
  const { fields } = shape;
  const cellAt = ({ row, column }: Place) => {
    const [line, field] = [lines[row], fields[column]];
    return line && field && !isReadOnly && isOpen(line, field) ? { line, field } : null;
  };
  const set = (place: Place, value: unknown) => {
    const cell = cellAt(place);
    if (cell) change((draft) => setCells(shape, draft, [{ ...cell, value }]));
  };
  return {
    isOpen: (place) => cellAt(place) !== null,
    enter: (place, text) => {
      const cell = cellAt(place);
      if (cell) set(place, readValue(cell.field, text, cell.line.loaded?.[cell.field.field]));
    },
    choose: set,
    toggle: (place) => {
      const cell = cellAt(place);
      if (cell) set(place, !isTicked(cell.line.row[cell.field.field]));
    },
    clear: (cells) => {
      const found = places(cells).flatMap((place): CellEdit[] => {
        const cell = cellAt(place);
        return cell ? [{ ...cell, value: cleared(cell) }] : [];
      });
      change((draft) => setCells(shape, draft, found));
    },
    copy: ({ top, bottom, left, right }) =>
      lines
        .slice(top, bottom + 1)
        .map(({ row }) => fields.slice(left, right + 1).map((field) => printValue(field, row[field.field]))),
    paste: (cells, texts) => {
      const height = texts.length;
      const width = Math.max(0, ...texts.map((row) => row.length));
      if (isReadOnly || height * width === 0 || height * width > MOST_CELLS) return null;
      // One text fills the selection, a block is repeated if the selection is a multiple of it.
      const repeats = (size: number, selected: number) =>
        selected > size && selected % size === 0 ? selected : size;
      const tall = repeats(height, cells.bottom - cells.top + 1);
      const wide = Math.min(repeats(width, cells.right - cells.left + 1), fields.length - cells.left);
      const missing = adding ? Math.max(0, cells.top + tall - lines.length) : 0;
      const whole = { ...cells, bottom: cells.top + tall - 1, right: cells.left + wide - 1 };
      const enter = (meanings: Meanings) =>
        change((old) => {
          const { draft, added } = missing ? addRows(old, missing) : { draft: old, added: [] };
          return fill(shape, [...lines, ...added], draft, whole, texts, meanings);
        });
      const asked = meaningsOf(shape, whole, texts);
      if (asked) asked.then(enter, onFailure);
      else enter(new Map());
      const bottom = Math.min(cells.top + tall, lines.length + missing) - 1;
      return { top: cells.top, left: cells.left, bottom, right: cells.left + wide - 1 };
    },
    undo,
    redo,
  };
}

/** Returns the value of a cleared cell. */
const cleared = ({ line, field }: Pick<CellEdit, "line" | "field">): unknown =>
  readValue(field, "", line.loaded?.[field.field]);

const places = ({ top, bottom, left, right }: Rectangle): Place[] =>
  Array.from({ length: bottom - top + 1 }, (_, row) =>
    Array.from({ length: right - left + 1 }, (__, column) => ({ row: top + row, column: left + column })),
  ).flat();

/** What texts mean in the columns that refer to rows, by column. */
type Meanings = ReadonlyMap<string, ReadonlyMap<string, unknown>>;

/** Finds what pasted texts mean in columns that refer to rows; null if none of these columns is filled. */
function meaningsOf(
  { fields }: Shape,
  { left, right }: Rectangle,
  texts: readonly (readonly string[])[],
): Promise<Meanings> | null {
  const asked = fields.slice(left, right + 1).flatMap(({ field, references }, column) => {
    if (!references) return [];
    const pasted = texts.map((row) => row[column % Math.max(1, row.length)]?.trim() ?? "").filter(Boolean);
    return pasted.length ? [references.resolve(pasted).then((found) => [field, found] as const)] : [];
  });
  return asked.length ? Promise.all(asked).then((found) => new Map(found)) : null;
}

/** Enters texts in cells; cells that cannot be edited keep their values. */
function fill(
  shape: Shape,
  lines: readonly Line[],
  draft: GridDraft,
  { top, bottom, left, right }: Rectangle,
  texts: readonly (readonly string[])[],
  meanings: Meanings,
): GridDraft {
  const edits: CellEdit[] = [];
  for (let row = top; row <= bottom; row++) {
    const line = lines[row];
    const cells = texts[(row - top) % texts.length] ?? [];
    if (!line) break;
    for (let column = left; column <= right; column++) {
      const field = shape.fields[column];
      const text = cells[(column - left) % Math.max(1, cells.length)];
      if (!field || text === undefined || !isOpen(line, field)) continue;
      const meant = field.references && meanings.get(field.field);
      const referred = text.trim() === "" ? null : meant?.get(text.trim());
      const value = meant ? referred : readValue(field, text, line.loaded?.[field.field]);
      edits.push({ line, field, value });
    }
  }
  return setCells(shape, draft, edits);
}
