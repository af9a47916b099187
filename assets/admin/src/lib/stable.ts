import { replaceEqualDeep } from "@tanstack/react-query";
import { useLayoutEffect, useRef, useState } from "react";

/**
 * Returns the same object as before while the JSON value is equal, and the same parts where they are, so that effects and
 * memos do not run for nothing.
 */
export function useStable<T>(value: T): T {
  const [kept, setKept] = useState(value);
  const next = replaceEqualDeep(kept, value) as T;
  if (next !== kept) setKept(next);
  return next;
}

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
