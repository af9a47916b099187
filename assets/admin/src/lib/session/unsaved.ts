import { useEffect, useSyncExternalStore } from "react";
import { createStore } from "../store";

const claims = createStore(0);

const claim = (by: 1 | -1) => claims.set(claims.get() + by);

const claimed = () => claims.get() > 0;

/** Declares unsaved changes on the page while `dirty` is true. */
export function useUnsavedClaim(dirty: boolean): void {
  useEffect(() => {
    if (!dirty) return;
    claim(1);
    return () => claim(-1);
  }, [dirty]);
}

/** Whether a form of the page has unsaved changes. */
export const useUnsaved = (): boolean => useSyncExternalStore(claims.subscribe, claimed);

/** Whether leaving the page would lose something: unsaved changes, or a dialog with input. */
export function wouldLose(): boolean {
  return (
    claimed() ||
    document.querySelector('[role="dialog"][aria-modal="true"] :is(input, textarea, [contenteditable])') !==
      null
  );
}

/** Passed to `navigate` after a save or a deletion: there is nothing left to confirm. */
export const settled = { state: { settled: true } };

export const isSettled = (state: unknown) =>
  typeof state === "object" && state !== null && "settled" in state;
