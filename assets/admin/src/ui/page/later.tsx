import { useDeferredValue, type ReactNode } from "react";

/** Draws something large in a step of its own after what surrounds it, so that the page reacts in between. */
export function Later({ children }: { children: ReactNode }) {
  return useDeferredValue(true, false) ? children : null;
}
