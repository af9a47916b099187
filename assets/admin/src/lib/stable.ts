import { useState } from "react";
import { isEqual } from "./schema/merge-patch";

/** Returns the same object as before while the JSON value is equal, so that effects and memos do not run for nothing. */
export function useStable<T>(value: T): T {
  const [kept, setKept] = useState(value);
  if (isEqual(kept, value)) return kept;
  setKept(value);
  return value;
}
