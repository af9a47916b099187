import { useEffect, useSyncExternalStore } from "react";

let claims = 0;
const listeners = new Set<() => void>();

function claim(by: 1 | -1) {
  claims += by;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};

const claimed = () => claims > 0;

/** Says that the page holds changes that are not saved, for as long as `dirty` is true. */
export function useUnsavedClaim(dirty: boolean): void {
  useEffect(() => {
    if (!dirty) return;
    claim(1);
    return () => claim(-1);
  }, [dirty]);
}

/** Whether a form of the page has changes that are not saved. */
export const useUnsaved = (): boolean => useSyncExternalStore(subscribe, claimed);

/** Whether something would be lost with the page: changes that are not saved, or a dialog that is being filled in. */
export function wouldLose(): boolean {
  return claimed() || document.querySelector('[role="dialog"][aria-modal="true"] :is(input, textarea, [contenteditable])') !== null;
}

/** Given to `navigate` after a save or a deletion: there is nothing left to ask for. */
export const settled = { state: { settled: true } };

export const isSettled = (state: unknown) => typeof state === "object" && state !== null && "settled" in state;
