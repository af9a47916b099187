import { useSyncExternalStore } from "react";
import { createStore } from "@/lib/store";

/** The overlays that the shell opens over a page, one at a time. */
export type Overlay =
  { name: "palette"; text?: string } | { name: "shortcuts" } | { name: "run"; workflowID: string };

const opened = createStore<Overlay | null>(null);

export const openOverlay = opened.set;

export const useOverlay = (): Overlay | null => useSyncExternalStore(opened.subscribe, opened.get);
