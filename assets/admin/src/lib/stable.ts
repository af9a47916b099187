import { replaceEqualDeep } from "@tanstack/react-query";
import { useState } from "react";

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
