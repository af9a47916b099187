import { useEffect } from "react";
import type { Seen } from "./options/shared";

/** What the widgets on the page show now, by the keys of their items. */
const shown = new Map<string, Seen>();

/** Tells the page what a widget shows, so that it can be downloaded. */
export function useShown(id: string | undefined, seen: Seen | null): void {
  useEffect(() => {
    if (id === undefined || !seen) return;
    shown.set(id, seen);
    return () => {
      if (shown.get(id) === seen) shown.delete(id);
    };
  }, [id, seen]);
}

/** What an item shows; undefined for what has no rows, such as a text. */
export const shownBy = (id: string): Seen | undefined => shown.get(id);
