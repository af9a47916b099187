import { useCallback, useEffect, useId, useSyncExternalStore } from "react";
import type { JsonObject } from "@/lib/api/model";
import type { Row } from "@/lib/rows/cells";
import { createStore } from "@/lib/store";
import { useWidgetActions } from "../../host";

/** What was entered in a form, and what is wrong with it. */
export interface FormDraft {
  /** What it was entered for: the parameters of the query, or the row that opened the form. */
  subject: string;
  /** Returns the subject for other values of the variables. */
  subjectFor: (variables: JsonObject) => string;
  /** The row that it was entered for; undefined for a new one. */
  row: Row | undefined;
  entered: JsonObject;
  /** The values that the entered ones replace. */
  before: JsonObject;
  broken: Readonly<Record<string, string>>;
  /** Whether it was sent, and only stays to be sent again. */
  isSent: boolean;
}

type Drafts = Readonly<Record<string, FormDraft>>;

/** Outside of React's state: a form on a tab that is not shown keeps what was entered. */
const drafts = createStore<Drafts>({});

/** Whether something was entered that was not sent. */
export const isUnsent = (draft: FormDraft | undefined): boolean =>
  draft !== undefined && !draft.isSent && Object.keys(draft.entered).length > 0;

const hasUnsent = () => Object.values(drafts.get()).some(isUnsent);

/** Whether a form of the page has input that was not sent: now, and for rendering. */
export const hasUnsentForms = hasUnsent;
export const useUnsentForms = (): boolean => useSyncExternalStore(drafts.subscribe, hasUnsent);

/** Whether an item is a form with input that was not sent. */
export const isUnsentForm = (key: string): boolean => isUnsent(drafts.get()[key]);

/** Returns the forms with input that would belong to another row with these values of the variables. */
export const formsLostBy = (variables: JsonObject): string[] =>
  Object.entries(drafts.get())
    .filter(([, draft]) => isUnsent(draft) && draft.subjectFor(variables) !== draft.subject)
    .map(([key]) => key);

/** Forgets what was entered in these forms, or in all of them when the page is left. */
export function forgetForms(keys: readonly string[] = Object.keys(drafts.get())): void {
  drafts.set(Object.fromEntries(Object.entries(drafts.get()).filter(([key]) => !keys.includes(key))));
}

/** Returns what was entered in a form, and a function that changes it: undefined clears it. */
export function useFormDraft(id: string | undefined) {
  const own = useId();
  const { act, building } = useWidgetActions();
  // Where nothing is sent, input is only tried out.
  const isTrial = id === undefined || building || act === null;
  const key = isTrial ? own : id;
  useEffect(() => () => forgetForms([own]), [own]);
  const draft = useSyncExternalStore(
    drafts.subscribe,
    useCallback(() => drafts.get()[key], [key]),
  );
  const update = useCallback(
    (next: (old: FormDraft | undefined) => FormDraft | undefined) => {
      const { [key]: old, ...others } = drafts.get();
      const changed = next(old);
      if (changed !== old) drafts.set(changed ? { ...others, [key]: changed } : others);
    },
    [key],
  );
  return [draft, update] as const;
}
