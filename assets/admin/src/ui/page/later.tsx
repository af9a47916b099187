import { useDeferredValue, type ReactNode } from "react";

/** Draws something large after what surrounds it, so that the page reacts in between. */
export function Later({ children }: { children: ReactNode }) {
  return useDeferredValue(true, false) ? children : null;
}
