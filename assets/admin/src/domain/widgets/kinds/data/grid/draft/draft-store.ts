import { useCallback, useSyncExternalStore } from "react";
import { emptyUndo, redo, remember, undo, type Undo } from "@/lib/undo";
import { emptyDraft, isEmpty, type GridDraft } from "./grid-draft";
import type { Conflict } from "./grid-changes";

/** What belongs to one editable table on the page. */
interface Kept {
  draft: GridDraft;
  undo: Undo<GridDraft>;
  /** What the server refused, by cell or row. */
  refusals: Readonly<Record<string, string>>;
  /** Rows that someone else changed or deleted. */
  conflicts: Readonly<Record<string, Conflict>>;
}

const nothing: Kept = { draft: emptyDraft, undo: emptyUndo, refusals: {}, conflicts: {} };

/** Outside of React's state: a table on a tab that is not shown keeps what was entered. */
const tables = new Map<string, Kept>();
const listeners = new Set<() => void>();

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

const keptOf = (id: string): Kept => tables.get(id) ?? nothing;

function keep(id: string, kept: Kept) {
  tables.set(id, kept);
  for (const listener of listeners) listener();
}

/** Whether an editable table on the page has changes that are not saved. */
export const hasUnsavedRows = () => [...tables.values()].some(({ draft }) => !isEmpty(draft));

/** The same, for rendering. */
export const useUnsavedRows = (): boolean => useSyncExternalStore(subscribe, hasUnsavedRows);

/** Forgets what was entered in all tables, when the page is left. */
export function forgetRows(): void {
  tables.clear();
  for (const listener of listeners) listener();
}

/** Returns what was entered in a table and how to change it. */
export function useGridDraft(id: string) {
  const kept = useSyncExternalStore(
    subscribe,
    useCallback(() => keptOf(id), [id]),
  );
  /** Makes a change that can be undone, and clears errors of the server that it may have fixed. */
  const change = useCallback(
    (next: (draft: GridDraft) => GridDraft) => {
      const old = keptOf(id);
      const draft = next(old.draft);
      if (draft !== old.draft) keep(id, { ...old, draft, undo: remember(old.undo, old.draft), refusals: {} });
    },
    [id],
  );
  const step = useCallback(
    (by: typeof undo) => {
      const old = keptOf(id);
      const moved = by(old.undo, old.draft);
      if (moved) keep(id, { ...old, draft: moved.value, undo: moved.undo, refusals: {} });
    },
    [id],
  );
  return {
    draft: kept.draft,
    refusals: kept.refusals,
    conflicts: kept.conflicts,
    canUndo: kept.undo.past.length > 0,
    change,
    undo: useCallback(() => step(undo), [step]),
    redo: useCallback(() => step(redo), [step]),
    discard: useCallback(() => keep(id, nothing), [id]),
    refuse: useCallback((refusals: Kept["refusals"]) => keep(id, { ...keptOf(id), refusals }), [id]),
    contest: useCallback((conflicts: Kept["conflicts"]) => keep(id, { ...keptOf(id), conflicts }), [id]),
    /** Resolves the conflict of a row. */
    settle: useCallback(
      (row: string, next: (draft: GridDraft) => GridDraft) => {
        const old = keptOf(id);
        const { [row]: _, ...conflicts } = old.conflicts;
        keep(id, { ...old, draft: next(old.draft), undo: remember(old.undo, old.draft), conflicts });
      },
      [id],
    ),
  };
}

export type DraftState = ReturnType<typeof useGridDraft>;
