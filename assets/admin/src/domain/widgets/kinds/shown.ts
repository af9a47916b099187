import { useEffect } from "react";
import type { Seen } from "./charts/options/shared";

/** What the widgets on the page currently show, by item key. */
const shown = new Map<string, Seen>();

/** Publishes what a widget shows, so that it can be downloaded. */
export function useShown(id: string | undefined, seen: Seen | null): void {
  useEffect(() => {
    if (id === undefined || !seen) return;
    shown.set(id, seen);
    return () => {
      if (shown.get(id) === seen) shown.delete(id);
    };
  }, [id, seen]);
}

/** Returns what an item shows; undefined if it has no rows, such as a text. */
export const shownBy = (id: string): Seen | undefined => shown.get(id);
