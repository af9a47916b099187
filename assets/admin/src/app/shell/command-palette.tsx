import { useHotkeys } from "@mantine/hooks";
import { lazy, Suspense, useSyncExternalStore } from "react";

const Palette = lazy(async () => ({ default: (await import("./palette")).Palette }));

let opened = false;
const listeners = new Set<() => void>();

function setOpened(next: boolean) {
  opened = next;
  for (const listener of listeners) listener();
}

export const openPalette = () => setOpened(true);

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Ctrl/Cmd+K from anywhere, also from inside a field; its code is loaded on first use. */
export function CommandPalette() {
  const isOpen = useSyncExternalStore(subscribe, () => opened);
  useHotkeys([["mod+K", () => setOpened(!opened)]], [], true);
  if (!isOpen) return null;
  return (
    <Suspense>
      <Palette onClose={() => setOpened(false)} />
    </Suspense>
  );
}
