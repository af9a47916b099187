import { compareNumbers, isNumber } from "@/lib/format/decimals";
import type { Row } from "@/lib/rows/cells";
import { Combined, ExactSum, type Aggregation } from "./aggregate";
import { autoGrain, nextStart, startOf, wallsOf, type Grain } from "./grain";

type Amount = number | string;

/** How rows become series along an axis. */
export interface Shaping {
  x: string;
  /** The column whose values become series; empty without one. */
  split: string;
  /** The columns with the values, and how the rows of one axis value are combined. */
  marks: readonly { field: string; how: Aggregation }[];
  grain: Grain | "auto" | "none";
  order: "rows" | "axis" | "largest" | "smallest";
  /** How many axis values are kept; null for all. */
  limit: number | null;
  /** Whether the rest beyond the limit is combined. */
  other: boolean;
  /** How many values of the split column are kept before the smallest are combined. */
  mostSplits: number;
  /** IANA time zone of the periods; that of the browser if absent. */
  zone?: string | undefined;
  /** Returns what distinguishes the values of a column. */
  keyOf: (field: string, value: unknown) => string;
  /** Sorts axis values in ascending order. */
  compare: (a: unknown, b: unknown) => number;
}

interface AxisValue {
  /** A value of the rows; a wall time if times are grouped; null for the combined rest. */
  value: unknown;
  rows: readonly Row[];
  isOther: boolean;
}

interface ShapedSeries {
  mark: number;
  /** The value of the split column. */
  split: unknown;
  /** How many values of the split column are combined; 0 if it is one value. */
  combined: number;
  /** By axis value; null without a value. Exact. */
  values: (Amount | null)[];
}

/** What readers may need to know about the transformation. */
interface ShapeFacts {
  /** Whether several rows were combined into one value, apart from “Other”. */
  isCombined: boolean;
  /** The number of values of the split column. */
  splits: number;
  /** The grain in use; null if times are not grouped. */
  grain: Grain | null;
  /** The number of periods without rows. */
  emptyPeriods: number;
  /** The number of axis values beyond the limit, and whether they are combined. */
  beyond: number;
  /** The number of rows whose axis value is not a time. */
  untimed: number;
}

export interface Shaped {
  axis: AxisValue[];
  series: ShapedSeries[];
  facts: ShapeFacts;
  /** Returns the rows of an axis value of a series. */
  rowsAt: (axis: number, series: number) => readonly Row[];
}

/** Up to this number of periods, those without rows are added. */
const MOST_PERIODS = 2000;

interface Bucket {
  value: unknown;
  rows: Row[];
  /** The index of the split value of each row. */
  splits: number[];
}

/**
 * Groups rows by axis value and by the values of the split column, and combines the values of each group. Sums are
 * exact. Runs in one pass over the rows.
 */
export function shape(rows: readonly Row[], shaping: Shaping): Shaped {
  const { buckets, grain, untimed } = bucketsOf(rows, shaping);
  const splits = splitsOf(rows, shaping);
  for (const bucket of buckets) bucket.splits = bucket.rows.map((row) => splits.of(row));
  const ordered = inOrder(buckets, shaping, grain !== null);
  const { kept, rest } = limited(ordered, shaping, grain !== null);
  const axis = [
    ...kept.map((bucket) => ({ bucket, isOther: false })),
    ...(rest.length > 0 && shaping.other && grain === null ? [{ bucket: merged(rest), isOther: true }] : []),
  ];
  const groups = splits.groups;
  const { series, isCombined } = combine(axis, groups, shaping);
  return {
    axis: axis.map(({ bucket, isOther }) => ({
      value: isOther ? null : bucket.value,
      rows: bucket.rows,
      isOther,
    })),
    series,
    facts: {
      isCombined,
      splits: splits.count,
      grain,
      emptyPeriods: axis.filter(({ bucket }) => bucket.rows.length === 0).length,
      beyond: rest.length,
      untimed,
    },
    rowsAt: (at, index) => {
      const bucket = axis[at]?.bucket;
      const group = Math.floor(index / shaping.marks.length);
      return bucket?.rows.filter((_, row) => groups.placeOf(bucket.splits[row] ?? 0) === group) ?? [];
    },
  };
}

function bucketsOf(rows: readonly Row[], { x, grain: wanted, zone, keyOf }: Shaping) {
  const found = new Map<string | number, Bucket>();
  const put = (key: string | number, value: unknown, row: Row) => {
    const known = found.get(key);
    if (known) known.rows.push(row);
    else found.set(key, { value, rows: [row], splits: [] });
  };
  if (wanted === "none") {
    for (const row of rows) put(keyOf(x, row[x]), row[x] ?? null, row);
    return { buckets: [...found.values()], grain: null, untimed: 0 };
  }
  const walls = wallsOf(
    rows.map((row) => row[x]),
    zone,
  );
  const timed = walls.filter((wall) => wall !== null);
  const grain = wanted === "auto" ? autoGrain(timed) : wanted;
  rows.forEach((row, index) => {
    const wall = walls[index];
    if (wall === null || wall === undefined) return;
    const start = startOf(wall, grain);
    put(start, start, row);
  });
  return { buckets: withEmptyPeriods(found, grain), grain, untimed: rows.length - timed.length };
}

/** Returns the periods in order, with those in between that have no rows. */
function withEmptyPeriods(found: Map<string | number, Bucket>, grain: Grain): Bucket[] {
  const starts = [...found.keys()].map(Number).sort((a, b) => a - b);
  const [first, last] = [starts[0], starts.at(-1)];
  const all: Bucket[] = [];
  if (first === undefined || last === undefined) return all;
  for (let start = first; start <= last; start = nextStart(start, grain)) {
    all.push(found.get(start) ?? { value: start, rows: [], splits: [] });
    if (all.length > MOST_PERIODS) return starts.flatMap((known) => found.get(known) ?? []);
  }
  return all;
}

/** Returns the values of the split column in the order of the rows, and which of them share a series. */
function splitsOf(rows: readonly Row[], shaping: Shaping) {
  const { split, marks, mostSplits, keyOf } = shaping;
  if (!split)
    return { of: () => 0, count: 0, groups: { list: [{ split: null, combined: 0 }], placeOf: () => 0 } };
  const places = new Map<string, number>();
  const values: unknown[] = [];
  const totals: ExactSum[] = [];
  const of = (row: Row): number => {
    const key = keyOf(split, row[split]);
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, values.length);
    values.push(row[split] ?? null);
    totals.push(new ExactSum());
    return values.length - 1;
  };
  for (const row of rows) {
    const total = totals[of(row)] ?? totals.at(-1);
    for (const { field } of marks) {
      const value = row[field];
      if (isNumber(value)) total?.add(value);
    }
  }
  return { of, count: values.length, groups: groupsOf(values, totals, mostSplits) };
}

/** Keeps the largest values of the split column, in their order; the others share the last series. */
function groupsOf(values: readonly unknown[], totals: readonly ExactSum[], most: number) {
  const all = values.map((split) => ({ split, combined: 0 }));
  if (values.length <= most) return { list: all, placeOf: (split: number) => split };
  const amounts = totals.map((total) => total.value());
  const largest = values
    .map((_, index) => index)
    .sort((a, b) => compareNumbers(amounts[b] ?? 0, amounts[a] ?? 0));
  const kept = new Set(largest.slice(0, most - 1));
  const places: number[] = [];
  let next = 0;
  for (let split = 0; split < values.length; split += 1) places.push(kept.has(split) ? next++ : most - 1);
  return {
    list: [
      ...all.filter((_, index) => kept.has(index)),
      { split: null as unknown, combined: values.length - kept.size },
    ],
    placeOf: (split: number) => places[split] ?? 0,
  };
}

type Groups = ReturnType<typeof splitsOf>["groups"];

function totalOf({ rows }: Bucket, { marks }: Shaping): Amount {
  const total = new ExactSum();
  for (const row of rows)
    for (const { field, how } of marks) {
      const value = row[field];
      if (how === "count" ? value !== null && value !== undefined : isNumber(value))
        total.add(how === "count" ? 1 : (value as Amount));
    }
  return total.value();
}

function inOrder(buckets: Bucket[], shaping: Shaping, isGrouped: boolean): Bucket[] {
  if (shaping.order === "rows" || (isGrouped && shaping.order === "axis")) return buckets;
  if (shaping.order === "axis") return [...buckets].sort((a, b) => shaping.compare(a.value, b.value));
  const sign = shaping.order === "largest" ? -1 : 1;
  return buckets
    .map((bucket) => ({ bucket, total: totalOf(bucket, shaping) }))
    .sort((a, b) => sign * compareNumbers(a.total, b.total))
    .map(({ bucket }) => bucket);
}

/** Keeps the largest axis values, or the latest periods, in their order. */
function limited(
  ordered: Bucket[],
  shaping: Shaping,
  isGrouped: boolean,
): { kept: Bucket[]; rest: Bucket[] } {
  const { limit } = shaping;
  if (limit === null || ordered.length <= limit) return { kept: ordered, rest: [] };
  const ranked = ordered
    .map((bucket) => ({ bucket, rank: isGrouped ? Number(bucket.value) : totalOf(bucket, shaping) }))
    .sort((a, b) => compareNumbers(b.rank, a.rank));
  const kept = new Set(ranked.slice(0, limit).map(({ bucket }) => bucket));
  return { kept: ordered.filter((one) => kept.has(one)), rest: ordered.filter((one) => !kept.has(one)) };
}

const merged = (buckets: readonly Bucket[]): Bucket => ({
  value: null,
  rows: buckets.flatMap(({ rows }) => rows),
  splits: buckets.flatMap(({ splits }) => splits),
});

function combine(
  axis: readonly { bucket: Bucket; isOther: boolean }[],
  groups: Groups,
  { marks }: Shaping,
): { series: ShapedSeries[]; isCombined: boolean } {
  const series = groups.list.flatMap(({ split, combined }) =>
    marks.map((_, mark): ShapedSeries => ({ mark, split, combined, values: [] })),
  );
  let isCombined = false;
  for (const { bucket, isOther } of axis) {
    const cells: (Combined | undefined)[] = [];
    bucket.rows.forEach((row, index) => {
      const group = groups.placeOf(bucket.splits[index] ?? 0);
      marks.forEach(({ field, how }, mark) => {
        const cell = (cells[group * marks.length + mark] ??= new Combined(how));
        cell.add(row[field]);
      });
    });
    series.forEach(({ values, combined }, index) => {
      const cell = cells[index];
      isCombined ||= !isOther && combined === 0 && (cell?.size ?? 0) > 1;
      values.push(cell?.value() ?? null);
    });
  }
  return { series, isCombined };
}
