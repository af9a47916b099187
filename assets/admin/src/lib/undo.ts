/** Undo and redo history around a value that is kept elsewhere. */
export interface Undo<T> {
  past: readonly T[];
  future: readonly T[];
}

const LIMIT = 100;

export const emptyUndo: Undo<never> = { past: [], future: [] };

/** Records `before` as an undo step; the redo history is cleared. */
export function remember<T>({ past }: Undo<T>, before: T): Undo<T> {
  return { past: [...past, before].slice(-LIMIT), future: [] };
}

/** Undoes the last step: returns the value to show, or null if nothing is left to undo. */
export function undo<T>({ past, future }: Undo<T>, present: T): { value: T; undo: Undo<T> } | null {
  const value = past.at(-1);
  return value === undefined
    ? null
    : { value, undo: { past: past.slice(0, -1), future: [present, ...future] } };
}

/** Redoes the last undone step. */
export function redo<T>({ past, future }: Undo<T>, present: T): { value: T; undo: Undo<T> } | null {
  const [value, ...rest] = future;
  return value === undefined ? null : { value, undo: { past: [...past, present], future: rest } };
}
