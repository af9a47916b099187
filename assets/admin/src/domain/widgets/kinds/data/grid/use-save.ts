import { plural, t } from "@lingui/core/macro";
import { useRef, useState } from "react";
import { isApiError, messageOf } from "@/lib/api/errors";
import { useCan } from "@/lib/api/me";
import { notify } from "@/ui/feedback/notify";
import { tellSuccess } from "../../actions/successes";
import { useWidgetActions } from "../../host";
import { changesOf, conflictsOf, refusalsOf, refusalTexts } from "./draft/grid-changes";
import type { DraftState } from "./draft/draft-store";
import type { GridField } from "./draft/grid-fields";

/** The maximum number of rows that are saved at once. */
export const MOST_CHANGES = 5000;

/** The maximum number of refusals to list. */
const MOST_TEXTS = 10;

/** What the server says about changes: that it would accept them, or why not. */
export interface Verdict {
  accepted: boolean;
  /** Whether someone else changed the same rows. */
  isContested: boolean;
  message: string;
}

/** Saves what was entered, or previews it. What is refused stays entered. */
export function useSave(id: string | undefined, state: DraftState, fields: readonly GridField[]) {
  const { change: send, refresh } = useWidgetActions();
  const can = useCan();
  const [isSaving, setIsSaving] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [refused, setRefused] = useState<string[]>([]);
  const running = useRef(false);
  const refusal = !send
    ? t`Changes can be saved on a dashboard.`
    : can("dashboard:use")
      ? null
      : t`Your role does not allow changing rows.`;

  /** Sends the changes. The failure is null if they were accepted; its texts name what was refused. */
  const ask = async (preview: boolean): Promise<{ failure: unknown; texts: string[] }> => {
    if (!send || id === undefined) return { failure: new Error(refusal ?? ""), texts: [] };
    const sent = changesOf(state.draft);
    try {
      await send(id, { changes: sent.map(({ change }) => change), preview });
      return { failure: null, texts: [] };
    } catch (failure) {
      if (!isApiError(failure)) return { failure, texts: [] };
      state.contest(conflictsOf(failure.conflicts, sent));
      state.refuse(refusalsOf(failure.details, sent));
      return { failure, texts: refusalTexts(failure.details, sent, fields) };
    }
  };

  const save = async (): Promise<boolean> => {
    // A double click or a held key must not save twice.
    if (running.current) return false;
    running.current = true;
    setIsSaving(true);
    const count = changesOf(state.draft).length;
    const { failure, texts } = await ask(false);
    running.current = false;
    setIsSaving(false);
    // Conflicts are shown row by row.
    setError(isApiError(failure) && failure.conflicts.length ? null : failure);
    setRefused(texts);
    if (failure) return false;
    state.discard();
    tellSuccess();
    notify.done(plural(count, { one: "# row saved.", other: "# rows saved." }));
    refresh();
    return true;
  };

  const preview = async (): Promise<Verdict> => {
    const { failure, texts } = await ask(true);
    if (!failure) {
      const message = t`The database accepts these changes. Nothing has been saved yet.`;
      return { accepted: true, isContested: false, message };
    }
    if (isApiError(failure) && failure.conflicts.length) {
      const message = t`Someone else changed or deleted the same rows in the meantime. Decide which values to keep.`;
      return { accepted: false, isContested: true, message };
    }
    const message = texts.slice(0, MOST_TEXTS).join("\n") || messageOf(failure);
    return { accepted: false, isContested: false, message };
  };
  return { save, preview, isSaving, error, refused, clearError: () => setError(null), refusal };
}

export type SaveState = ReturnType<typeof useSave>;

/** Returns what to tell about a failed save. */
export function failureText(error: unknown): string {
  if (isApiError(error, "NETWORK"))
    return t`The server did not respond. Your changes are still here, but they may have been saved: refresh the data before you save again.`;
  return messageOf(error);
}
