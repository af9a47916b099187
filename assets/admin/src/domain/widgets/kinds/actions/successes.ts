// Actions that succeeded anywhere on the page: an earlier error may no longer apply.
import { useSyncExternalStore } from "react";
import { createStore } from "@/lib/store";

const count = createStore(0);

export const tellSuccess = (): void => count.set(count.get() + 1);

/** Returns how many actions have succeeded, for rendering. */
export const useSuccesses = (): number => useSyncExternalStore(count.subscribe, count.get);
