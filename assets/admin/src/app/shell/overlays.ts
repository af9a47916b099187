import { useSyncExternalStore } from "react";

/** The overlays that the shell opens over a page, one at a time. */
export type Overlay =
  { name: "palette"; text?: string } | { name: "shortcuts" } | { name: "run"; workflowID: string };

let opened: Overlay | null = null;
const listeners = new Set<() => void>();

export function openOverlay(next: Overlay | null) {
  opened = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};

export const useOverlay = (): Overlay | null => useSyncExternalStore(subscribe, () => opened);
