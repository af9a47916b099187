/** Changes of the same kind within this time are one undo step. */
const TOGETHER_MS = 1000;

export interface History<T> {
  past: T[];
  future: T[];
  tag: string | null;
  at: number;
}

const LIMIT = 200;

export const emptyHistory = <T>(): History<T> => ({ past: [], future: [], tag: null, at: 0 });

/** Records the state before a change. Typing in one field carries a tag, so that it is undone as one step. */
export function remember<T>(history: History<T>, before: T, tag: string | null, at: number): History<T> {
  const together =
    tag !== null && tag === history.tag && at - history.at < TOGETHER_MS && history.past.length > 0;
  const past = together ? history.past : [...history.past, before].slice(-LIMIT);
  return { past, future: [], tag, at };
}

export function undo<T>(history: History<T>, present: T): { history: History<T>; present: T } | null {
  const before = history.past.at(-1);
  if (before === undefined) return null;
  return {
    history: { past: history.past.slice(0, -1), future: [present, ...history.future], tag: null, at: 0 },
    present: before,
  };
}

export function redo<T>(history: History<T>, present: T): { history: History<T>; present: T } | null {
  const [after, ...future] = history.future;
  if (after === undefined) return null;
  return { history: { past: [...history.past, present], future, tag: null, at: 0 }, present: after };
}
