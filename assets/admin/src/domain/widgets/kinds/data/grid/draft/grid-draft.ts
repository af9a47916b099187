import type { JsonObject } from "@/lib/api/model";
import type { Row } from "@/lib/rows/cells";
import { isSame } from "./cell-values";
import type { GridField } from "./grid-fields";

/** What was entered in an editable table and is not saved yet. Rows are identified by `rowID`. */
export interface GridDraft {
  updates: Readonly<Record<string, RowUpdate>>;
  deletes: Readonly<Record<string, RowDelete>>;
  inserts: readonly NewRow[];
}

interface RowUpdate {
  key: JsonObject;
  before: JsonObject;
  after: JsonObject;
}

interface RowDelete {
  key: JsonObject;
  before: JsonObject;
}

interface NewRow {
  id: string;
  values: JsonObject;
}

export const emptyDraft: GridDraft = { updates: {}, deletes: {}, inserts: [] };

/** A row as the table shows it. */
export interface Line {
  id: string;
  state: "same" | "changed" | "added" | "deleted";
  /** With what was entered. */
  row: Row;
  /** As it was loaded; null for a new row. */
  loaded: Row | null;
}

export interface Shape {
  /** The names of the key columns. */
  key: readonly string[];
  fields: readonly GridField[];
}

const pick = (row: Row | JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(names.map((name) => [name, row[name] ?? null])) as JsonObject;

/** Returns what identifies a row; null if the query does not return its key. */
export function rowID(key: readonly string[], row: Row): string | null {
  if (key.length === 0 || key.some((name) => row[name] === undefined)) return null;
  return JSON.stringify(key.map((name) => row[name]));
}

/** Returns the rows with what was entered: the loaded ones in their order, then the new ones. */
export function linesOf({ key }: Shape, rows: readonly Row[], draft: GridDraft): Line[] {
  const lines = rows.map((loaded, at): Line => {
    const id = rowID(key, loaded) ?? `unknown ${at}`;
    const update = draft.updates[id];
    if (draft.deletes[id]) return { id, state: "deleted", row: loaded, loaded };
    return update
      ? { id, state: "changed", row: { ...loaded, ...update.after }, loaded }
      : { id, state: "same", row: loaded, loaded };
  });
  const added = draft.inserts.map(({ id, values }): Line => ({
    id,
    state: "added",
    row: values,
    loaded: null,
  }));
  return [...lines, ...added];
}

/** Whether a cell can be edited. */
export const isOpen = (line: Line, field: GridField): boolean =>
  line.state === "added"
    ? field.inNew
    : line.state !== "deleted" && field.inRows && !line.id.startsWith("unknown ");

/** A value that is entered in a cell. */
export interface CellEdit {
  line: Line;
  field: GridField;
  value: unknown;
}

/** Sets a value in a row; null if no value differs from the loaded ones. */
function withValue(old: RowUpdate, { line, field, value }: CellEdit): RowUpdate | null {
  const name = field.field;
  const before = name in old.before ? old.before : { ...old.before, ...pick(line.loaded ?? {}, [name]) };
  if (!isSame(field, value, before[name]))
    return { ...old, before, after: { ...old.after, [name]: value } as JsonObject };
  const { [name]: _, ...after } = old.after;
  const { [name]: __, ...expected } = before;
  return Object.keys(after).length ? { ...old, before: expected, after } : null;
}

/** Sets a value of a new row. A column that is never null gets its default instead. */
function withNewValue(values: JsonObject, { field, neverNull }: GridField, value: unknown): JsonObject {
  if (value !== null || !neverNull) return { ...values, [field]: value } as JsonObject;
  const { [field]: _, ...rest } = values;
  return rest;
}

/** Sets values, in one pass for thousands of cells. The loaded value is not a change. */
export function setCells({ key }: Shape, draft: GridDraft, edits: readonly CellEdit[]): GridDraft {
  if (edits.length === 0) return draft;
  const updates = { ...draft.updates };
  const inserts = new Map(draft.inserts.map((row) => [row.id, row.values]));
  for (const edit of edits) {
    const { line, field, value } = edit;
    const values = inserts.get(line.id);
    if (values) inserts.set(line.id, withNewValue(values, field, value));
    else if (line.loaded) {
      const old = updates[line.id] ?? { key: pick(line.loaded, key), before: {}, after: {} };
      const next = withValue(old, edit);
      if (next) updates[line.id] = next;
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record of rows
      else delete updates[line.id];
    }
  }
  return { ...draft, updates, inserts: [...inserts].map(([id, values]) => ({ id, values })) };
}

let count = 0;

/** Adds empty rows at the end, and returns their lines. */
export function addRows(draft: GridDraft, most: number): { draft: GridDraft; added: Line[] } {
  const rows = Array.from({ length: most }, (): NewRow => ({ id: `new ${++count}`, values: {} }));
  const added = rows.map(({ id, values }): Line => ({ id, state: "added", row: values, loaded: null }));
  return { draft: { ...draft, inserts: [...draft.inserts, ...rows] }, added };
}

/** Marks rows as deleted; a new row is removed at once. */
export function deleteRows({ key, fields }: Shape, draft: GridDraft, lines: readonly Line[]): GridDraft {
  const gone = new Set(lines.map(({ id }) => id));
  const names = [...key, ...fields.filter(({ inRows, inNew }) => inRows || inNew).map(({ field }) => field)];
  const loaded = lines.filter(
    ({ state, id }) => state !== "added" && state !== "deleted" && !id.startsWith("unknown "),
  );
  const deletes = loaded.map((line): [string, RowDelete] => {
    const row = line.loaded ?? {};
    const before = {
      ...pick(
        row,
        names.filter((name) => row[name] !== undefined),
      ),
      ...draft.updates[line.id]?.before,
    };
    return [line.id, { key: pick(row, key), before }];
  });
  const updates = Object.fromEntries(Object.entries(draft.updates).filter(([id]) => !gone.has(id)));
  return {
    updates,
    deletes: { ...draft.deletes, ...Object.fromEntries(deletes) },
    inserts: draft.inserts.filter(({ id }) => !gone.has(id)),
  };
}

/** Takes back what was entered in rows, and their deletion. */
export function restoreRows(draft: GridDraft, ids: readonly string[]): GridDraft {
  const gone = new Set(ids);
  const kept = <T>(items: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(items).filter(([id]) => !gone.has(id)));
  return {
    updates: kept(draft.updates),
    deletes: kept(draft.deletes),
    inserts: draft.inserts.filter(({ id }) => !gone.has(id)),
  };
}

export interface Counts {
  changed: number;
  added: number;
  deleted: number;
}

export const countsOf = ({ updates, deletes, inserts }: GridDraft): Counts => ({
  changed: Object.keys(updates).length,
  added: inserts.length,
  deleted: Object.keys(deletes).length,
});

export const isEmpty = (draft: GridDraft): boolean => {
  const { changed, added, deleted } = countsOf(draft);
  return changed + added + deleted === 0;
};
