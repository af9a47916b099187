import { useLayoutEffect, useRef } from "react";

/**
 * Returns an object whose `current` is the value of the last render: for callbacks that run later, and that should stay
 * the same although the value changes. The object itself is always the same.
 */
export function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value);
  // Before all ordinary effects, which may already use it.
  useLayoutEffect(() => {
    latest.current = value;
  });
  return latest;
}
