/** What was, and what was taken back, around a present value that is kept elsewhere. */
export interface Undo<T> {
  past: readonly T[];
  future: readonly T[];
}

const LIMIT = 100;

export const emptyUndo: Undo<never> = { past: [], future: [] };

/** Remembers `before` as a step that can be taken back; what had been taken back is forgotten. */
export function remember<T>({ past }: Undo<T>, before: T): Undo<T> {
  return { past: [...past, before].slice(-LIMIT), future: [] };
}

/** Takes the last step back: the value to show, or null when there is none. */
export function undo<T>({ past, future }: Undo<T>, present: T): { value: T; undo: Undo<T> } | null {
  const value = past.at(-1);
  return value === undefined ? null : { value, undo: { past: past.slice(0, -1), future: [present, ...future] } };
}

/** Does again what was taken back. */
export function redo<T>({ past, future }: Undo<T>, present: T): { value: T; undo: Undo<T> } | null {
  const [value, ...rest] = future;
  return value === undefined ? null : { value, undo: { past: [...past, present], future: rest } };
}
