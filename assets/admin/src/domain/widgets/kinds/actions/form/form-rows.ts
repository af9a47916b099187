import type { JsonObject } from "@/lib/api/model";
import { cellText, type Row } from "@/lib/rows/cells";
import { isEqual } from "@/lib/schema/merge-patch";
import { rowNamesIn } from "@/lib/templates/placeholders";
import type { FormField } from "./form-fields";

/** Returns the columns of the row that actions send. */
export const sentColumns = (values: readonly (JsonObject | undefined)[]): string[] => [
  ...new Set(values.flatMap((sent) => Object.values(sent ?? {}).flatMap(rowNamesIn))),
];

const isSameIn = (name: string, one: Row | undefined, other: Row | undefined) =>
  isEqual(one?.[name] ?? null, other?.[name] ?? null);

/**
 * Returns the columns that identify a row, among those that are sent: the ones that its query was asked for. The others,
 * such as a version, may differ after a change. All of them if the query does not ask for any.
 */
export function keyColumns(sent: readonly string[], asked: JsonObject, row: Row | undefined): string[] {
  const found = Object.entries(asked).flatMap(([parameter, value]) => {
    const same = sent.filter((name) => {
      const own = row?.[name];
      return own !== null && own !== undefined && cellText(own) === cellText(value);
    });
    return same.includes(parameter) ? [parameter] : same.slice(0, 1);
  });
  return found.length ? [...new Set(found)] : [...sent];
}

/**
 * The state of a row that was loaded again: `changed` by someone else, `gone`, or `other` if there is another one in
 * its place.
 */
export type RowState = "same" | "changed" | "gone" | "other";

/** Compares the row that something was entered for with the current one. */
export function rowState(
  before: Row | undefined,
  now: Row | undefined,
  sent: readonly string[],
  asked: JsonObject,
): RowState {
  if (before && !now) return "gone";
  if (!before) return now ? "changed" : "same";
  if (sent.every((name) => isSameIn(name, before, now))) return "same";
  return keyColumns(sent, asked, before).every((name) => isSameIn(name, before, now)) ? "changed" : "other";
}

/** A field that was changed here and by someone else. */
export interface FieldConflict {
  field: FormField;
  theirs: unknown;
  mine: unknown;
}

/** Returns the fields with other values than those that the entered ones replace, unless both are the same now. */
export function fieldConflicts(
  fields: readonly FormField[],
  { entered, before }: { entered: JsonObject; before: JsonObject },
  now: JsonObject,
): FieldConflict[] {
  const value = (of: JsonObject, name: string) => of[name] ?? null;
  return fields.flatMap((field) => {
    const { name } = field;
    if (!(name in entered) || isEqual(value(before, name), value(now, name))) return [];
    const [mine, theirs] = [value(entered, name), value(now, name)];
    return isEqual(mine, theirs) ? [] : [{ field, theirs, mine }];
  });
}
