import { t } from "@lingui/core/macro";
import type { JsonObject } from "@/lib/api/model";
import type { Row } from "@/lib/rows/cells";
import { problemOf } from "./cell-values";
import type { GridField } from "./grid-fields";
import type { GridDraft } from "./grid-draft";

/** A change as it is sent to the server. */
type GridChange =
  | { update: { key: JsonObject; before: JsonObject; after: JsonObject } }
  | { delete: { key: JsonObject; before: JsonObject } }
  | { insert: { values: JsonObject } };

/** A change and the row that it belongs to. */
export interface Sent {
  id: string;
  change: GridChange;
}

/** A row that someone else changed or deleted, as the server reports it. */
export interface Conflict {
  /** The present values; null if the row no longer exists. */
  current: JsonObject | null;
  /** The columns with other values than expected. */
  fields: string[];
}

/** Returns all changes in the order in which they are sent: errors name them by their index. */
export function changesOf({ updates, deletes, inserts }: GridDraft): Sent[] {
  return [
    ...Object.entries(updates).map(([id, update]) => ({ id, change: { update } })),
    ...Object.entries(deletes).map(([id, one]) => ({ id, change: { delete: one } })),
    ...inserts.map(({ id, values }) => ({ id, change: { insert: { values } } })),
  ];
}

/** Returns the name of a cell in a list of problems. */
export const cellID = (row: string, field: string): string => JSON.stringify([row, field]);

/** Returns why entered values cannot be saved, by cell. */
export function problemsOf(fields: readonly GridField[], draft: GridDraft): Record<string, string> {
  const known = new Map(fields.map((field) => [field.field, field]));
  const entered: [string, JsonObject][] = [
    ...Object.entries(draft.updates).map(([id, { after }]): [string, JsonObject] => [id, after]),
    ...draft.inserts.map(({ id, values }): [string, JsonObject] => [id, values]),
  ];
  const problems: Record<string, string> = {};
  const check = (id: string, name: string, value: unknown) => {
    const field = known.get(name);
    const problem = field && problemOf(field, value);
    if (problem) problems[cellID(id, name)] = problem;
  };
  for (const [id, values] of entered)
    for (const [name, value] of Object.entries(values)) check(id, name, value);
  for (const { id, values } of draft.inserts)
    for (const { field, required, inNew } of fields)
      if (required && inNew && values[field] === undefined) check(id, field, null);
  return problems;
}

/** The place of a value in a path such as `changes[2].update.after.name`. */
const PLACE =
  /^changes\[(\d+)\](?:\.(?:update\.(?:after|before|key)|insert\.values|delete\.(?:key|before))\.(.+)|\..*)?$/;

/** Returns the server's refusals by cell, or by row where no column is named. */
export function refusalsOf(
  details: readonly { path: string; message: string }[],
  sent: readonly Sent[],
): Record<string, string> {
  const refusals: Record<string, string> = {};
  for (const { path, message } of details) {
    const [, index = "", name = ""] = PLACE.exec(path) ?? [];
    const id = index === "" ? undefined : sent[Number(index)]?.id;
    if (id !== undefined) refusals[cellID(id, name)] = message;
  }
  return refusals;
}

/** Returns the key of a row as text. */
export const keyText = (key: JsonObject): string =>
  Object.values(key)
    .map((value) => String(value))
    .join(", ");

/** Returns the server's refusals as sentences that name the row and the column. */
export function refusalTexts(
  details: readonly { path: string; message: string }[],
  sent: readonly Sent[],
  fields: readonly GridField[],
): string[] {
  return details.map(({ path, message }) => {
    const [, index = "", name = ""] = PLACE.exec(path) ?? [];
    const change = index === "" ? undefined : sent[Number(index)]?.change;
    if (!change) return message;
    const column = fields.find(({ field }) => field === name)?.label ?? name;
    if ("insert" in change) return column ? t`New row, ${column}: ${message}` : t`New row: ${message}`;
    const row = keyText("update" in change ? change.update.key : change.delete.key);
    return column ? t`Row ${row}, ${column}: ${message}` : t`Row ${row}: ${message}`;
  });
}

/** Returns the conflicts by row. */
export function conflictsOf(
  found: readonly (Conflict & { change: number })[],
  sent: readonly Sent[],
): Record<string, Conflict> {
  const named = found.flatMap(({ change, current, fields }) => {
    const id = sent[change]?.id;
    return id === undefined ? [] : [[id, { current, fields }] as const];
  });
  return Object.fromEntries(named);
}

/**
 * Keeps what was entered in a row although someone else has changed it: it replaces the present values. A row that was
 * deleted is added again, with its loaded values.
 */
export function keepMine(
  draft: GridDraft,
  id: string,
  { current, fields }: Conflict,
  loaded: Row | null,
  columns: readonly GridField[],
): GridDraft {
  const update = draft.updates[id];
  const removal = draft.deletes[id];
  const { [id]: _, ...updates } = draft.updates;
  const { [id]: __, ...deletes } = draft.deletes;
  if (current === null) {
    const inserts = [...draft.inserts];
    if (update) {
      const known = { ...loaded, ...update.before, ...update.after };
      const names = columns.filter(({ inNew }) => inNew).map(({ field }) => field);
      const values = names
        .filter((name) => known[name] !== undefined)
        .map((name) => [name, known[name]] as const);
      inserts.push({ id: `again ${id}`, values: Object.fromEntries(values) as JsonObject });
    }
    return { updates, deletes, inserts };
  }
  const now = Object.fromEntries(fields.map((name) => [name, current[name] ?? null])) as JsonObject;
  if (update)
    return { ...draft, updates: { ...updates, [id]: { ...update, before: { ...update.before, ...now } } } };
  if (removal)
    return { ...draft, deletes: { ...deletes, [id]: { ...removal, before: { ...removal.before, ...now } } } };
  return draft;
}
