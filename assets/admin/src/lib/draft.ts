import { useState } from "react";
import { isEqual } from "./schema/merge-patch";

/** The result of parsing a draft: a value, or why it has none. */
export type Meaning<T> = { value: T } | { broken: string };

interface DraftOptions<T, Draft> {
  value: T;
  print: (value: T) => Draft;
  parse: (draft: Draft) => Meaning<T>;
  onChange: (value: T) => void;
}

/**
 * What an input shows for a value that it cannot always represent, such as the text of a JSON value. What was entered
 * stays, even while it cannot be parsed: the last value is kept then. A value that changes elsewhere (undo, the version
 * of someone else) replaces it.
 */
export function useDraft<T, Draft = string>({ value, print, parse, onChange }: DraftOptions<T, Draft>) {
  const fresh = () => ({ draft: print(value), broken: null as string | null, seen: value, meant: value });
  const [kept, setKept] = useState(fresh);
  let now = kept;
  // A parent may pass on what was entered later than this renders: only a change of its value counts.
  if (!isEqual(value, kept.seen)) {
    now = isEqual(value, kept.meant) ? { ...kept, seen: value } : fresh();
    setKept(now);
  }
  const change = (draft: Draft) => {
    const meaning = parse(draft);
    if ("broken" in meaning) {
      setKept({ ...now, draft, broken: meaning.broken });
      return;
    }
    setKept({ ...now, draft, broken: null, meant: meaning.value });
    onChange(meaning.value);
  };
  return { draft: now.draft, broken: now.broken, change };
}

interface Rows {
  items: readonly unknown[];
  ids: readonly number[];
}

/** Returns the id that a row will get when it is added to these. */
export const nextRowId = (ids: readonly number[]): number => Math.max(-1, ...ids) + 1;

/**
 * Returns the ids after a change: those of the rows before and after the changed part stay, within it equal objects keep
 * theirs, and others get that of their place.
 */
function idsAfter({ items: before, ids }: Rows, items: readonly unknown[]): Rows {
  const most = Math.min(before.length, items.length);
  let head = 0;
  while (head < most && before[head] === items[head]) head++;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === items.at(-1 - tail)) tail++;
  const left = before
    .slice(head, before.length - tail)
    .map((item, at) => ({ item, id: ids[head + at] ?? 0 }));
  const take = (at: number) => (at < 0 ? undefined : left.splice(at, 1)[0]?.id);
  const changed = items.slice(head, items.length - tail);
  const moved = changed.map((item) => take(left.findIndex((one) => one.item === item)));
  let free = nextRowId(ids);
  const found = moved.map((id) => id ?? take(0) ?? free++);
  return { items, ids: [...ids.slice(0, head), ...found, ...ids.slice(ids.length - tail)] };
}

/** Returns an id for each item of an edited list, for `key`: rows stay the same when others are removed or moved. */
export function useRowIds(items: readonly unknown[]): readonly number[] {
  const [kept, setKept] = useState(() => idsAfter({ items: [], ids: [] }, items));
  const same = kept.items.length === items.length && kept.items.every((item, at) => item === items[at]);
  if (same) return kept.ids;
  const next = idsAfter(kept, items);
  setKept(next);
  return next.ids;
}
