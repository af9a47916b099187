import type { JsonObject } from "@/lib/api/model";
import type { Row } from "@/lib/rows/cells";
import { isEqual } from "@/lib/schema/merge-patch";
import type { Scope } from "@/lib/templates/placeholders";
import { isUnsent, useFormDraft, type FormDraft } from "./form-drafts";
import { startValues, type FormField } from "./form-fields";
import { fieldConflicts, keyColumns, rowState, type FieldConflict, type RowState } from "./form-rows";

interface FormSubject {
  fields: readonly FormField[];
  /** The row that is loaded now. */
  row: Row | undefined;
  subject: string;
  subjectFor: (variables: JsonObject) => string;
  /** The parameters of the query of the row. */
  asked: JsonObject;
  /** The columns of the row that are sent. */
  sent: readonly string[];
  scope: Scope;
}

const none: JsonObject = {};

/** Returns an object without a field. */
function without<T extends object>(object: T, name: string): T {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name)) as T;
}

interface Present {
  draft: FormDraft | undefined;
  row: Row | undefined;
  /** The values of the fields before anything was entered. */
  start: JsonObject;
}

/** Returns the functions that change what is entered. */
function changesOf(
  { subject, subjectFor, asked, sent }: FormSubject,
  { draft, row, start }: Present,
  update: ReturnType<typeof useFormDraft>[1],
) {
  const set = (next: (draft: FormDraft) => FormDraft) =>
    update((previous) => {
      const fresh = { subject, subjectFor, row, entered: none, before: none, broken: {}, isSent: false };
      const changed = next(draft && previous?.subject === subject ? previous : fresh);
      const isNothing = !Object.keys(changed.entered).length && !Object.keys(changed.broken).length;
      return isNothing ? undefined : changed;
    });
  return {
    change: (name: string, value: unknown) => set((old) => withValue(old, name, value, start[name] ?? null)),
    mark: (broken: Record<string, string>) => set((old) => ({ ...old, broken })),
    takeTheirs: (names: readonly string[]) =>
      set((old) => ({
        ...old,
        entered: names.reduce(without, old.entered),
        before: names.reduce(without, old.before),
      })),
    /** Lets what was entered replace the current values. */
    keepMine: () =>
      set((old) => ({
        ...old,
        row,
        before: Object.fromEntries(
          Object.keys(old.entered).map((name) => [name, start[name] ?? null]),
        ) as JsonObject,
      })),
    discard: () => update(() => undefined),
    /** Discards what was sent. What was entered since then stays. */
    settle: (values: JsonObject, keeps: boolean) =>
      update((old) => {
        if (old?.subject !== subject) return old;
        return keeps ? { ...old, isSent: true } : afterSending(old, values, keyColumns(sent, asked, old.row));
      }),
  };
}

/** Sets a field. The initial value is not a change. */
function withValue(draft: FormDraft, name: string, value: unknown, start: unknown): FormDraft {
  const broken = without(draft.broken, name);
  const isBack = isEqual(value ?? null, start) || (value === "" && start === null);
  const entered = isBack ? without(draft.entered, name) : { ...draft.entered, [name]: value };
  const before = isBack ? without(draft.before, name) : { [name]: start, ...draft.before };
  return { ...draft, entered, before, broken, isSent: false } as FormDraft;
}

/** Returns what was entered while `values` were sent. */
function afterSending(draft: FormDraft, values: JsonObject, keys: readonly string[]): FormDraft | undefined {
  const left = Object.entries(draft.entered).filter(([name, value]) => value !== values[name]);
  if (left.length === 0) return undefined;
  const { row } = draft;
  return {
    ...draft,
    // Only the key identifies it: its other values have changed.
    row: row && Object.fromEntries(keys.map((name) => [name, row[name]])),
    entered: Object.fromEntries(left) as JsonObject,
    before: Object.fromEntries(left.map(([name]) => [name, values[name] ?? null])) as JsonObject,
  };
}

/**
 * What is entered in a form. It belongs to the row that it was entered for: it is neither shown nor sent for another one,
 * and it stays when the row is loaded again.
 */
export function useEntered(id: string | undefined, given: FormSubject) {
  const { fields, subject, asked, sent, scope } = given;
  const [kept, update] = useFormDraft(id);
  const mine = kept?.subject === subject ? kept : undefined;
  const found = mine ? rowState(mine.row, given.row, sent, asked) : "same";
  // Input that was sent does not keep another row from being shown.
  const draft = found === "same" || found === "changed" || isUnsent(mine) ? mine : undefined;
  const state: RowState = draft && isUnsent(draft) ? found : "same";
  const row = state === "gone" || state === "other" ? draft?.row : given.row;
  const start = startValues(fields, row, scope);
  const entered = draft?.entered ?? none;
  const conflicts: FieldConflict[] = draft && state === "changed" ? fieldConflicts(fields, draft, start) : [];
  const old = draft?.row && state === "changed" ? startValues(fields, draft.row, scope) : start;
  const updated = fields.filter(
    ({ name }) =>
      draft?.row &&
      name in draft.row &&
      !(name in entered) &&
      !isEqual(old[name] ?? null, start[name] ?? null),
  );

  return {
    row,
    /** The row by what identifies it. */
    place: JSON.stringify([subject, ...keyColumns(sent, asked, row).map((name) => row?.[name] ?? null)]),
    state,
    values: { ...start, ...entered } as JsonObject,
    broken: draft?.broken ?? {},
    conflicts,
    /** The fields that someone else has changed, and that were not entered here. */
    updated,
    ...changesOf(given, { draft, row, start }, update),
  };
}

export type Entered = ReturnType<typeof useEntered>;
