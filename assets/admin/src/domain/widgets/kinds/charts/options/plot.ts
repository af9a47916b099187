import { t } from "@lingui/core/macro";
import type { Column, JsonObject } from "@/lib/api/model";
import { compareNumbers, sumOf } from "@/lib/format/decimals";
import { asDate, type FigureStyle } from "@/lib/format/figures";
import { categoriesOf, groupsOf, mergeRows, type Group } from "@/lib/rows/categories";
import { isDescending, sortValues, type Row } from "@/lib/rows/cells";
import { marksOf, styleOf, textOf, type Mark } from "../../config";
import { leftOut, withoutNumbers, type Missing, type Seen } from "./shared";

/** One for each color. */
const MAX_PARTS = 8;

/** The data along an axis: a value for each category and series. */
export interface Plot {
  x: string;
  categories: Group[];
  /** Whether the axis is a time axis. */
  time: boolean;
  series: PlotSeries[];
  stack: "none" | "normal" | "percent";
  style: FigureStyle;
  notes: string[];
  seen: Seen;
  /** The row of a category of a series. */
  rowAt: (category: number, series: number) => Row | undefined;
}

interface PlotSeries {
  /** Its column in the shown rows. */
  key: string;
  name: string;
  /** Exact values by category. */
  values: (number | string | null)[];
}

/** Whether all existing values are dates: then the axis is a time axis. */
export function isTimeline(rows: readonly Row[], field: string): boolean {
  const values = rows.map((row) => row[field]).filter((value) => value !== null && value !== undefined);
  return values.length > 1 && values.every((value) => asDate(value) !== null);
}

/** Returns a series for each column, or for each value of the split column. */
interface Part {
  mark: Mark;
  name: string;
  rows: ReadonlySet<Row> | null;
  /** The merged remainder. */
  other: boolean;
}

function partsOf(
  rows: readonly Row[],
  marks: readonly Mark[],
  split: string,
  columns: readonly Column[],
): { parts: Part[]; notes: string[] } {
  if (!split)
    return { parts: marks.map((mark) => ({ mark, name: mark.label, rows: null, other: false })), notes: [] };
  const groups = groupsOf(rows, split, categoriesOf(rows, split, columns));
  const { kept, rest } = largest(groups, marks);
  const named = (mark: Mark, label: string) => (marks.length > 1 ? `${mark.label} · ${label}` : label);
  const all = [
    ...kept.map(({ label, rows: own }) => ({ label, own, other: false })),
    ...(rest.length
      ? [{ label: t`Other (${rest.length})`, own: rest.flatMap((group) => group.rows), other: true }]
      : []),
  ];
  return {
    parts: all.flatMap(({ label, own, other }) =>
      marks.map((mark) => ({ mark, name: named(mark, label), rows: new Set(own), other })),
    ),
    notes: rest.length
      ? [t`${split} has ${groups.length} values. The smallest ${rest.length} are summed as “Other”.`]
      : [],
  };
}

/** Returns the groups with the largest sums, in their original order, and the others. */
function largest(groups: readonly Group[], marks: readonly Mark[]): { kept: Group[]; rest: Group[] } {
  if (groups.length <= MAX_PARTS) return { kept: [...groups], rest: [] };
  const sums = new Map(
    groups.map((group) => [
      group,
      sumOf(group.rows.flatMap((row) => marks.map(({ field }) => row[field]))) ?? 0,
    ]),
  );
  const ordered = [...groups].sort((a, b) => compareNumbers(sums.get(b) ?? 0, sums.get(a) ?? 0));
  const kept = new Set(ordered.slice(0, MAX_PARTS - 1));
  return {
    kept: groups.filter((group) => kept.has(group)),
    rest: groups.filter((group) => !kept.has(group)),
  };
}

/** Reads the data along an axis, or returns why it cannot be shown. Rows of one category are summed. */
export function plotOf(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[],
  { timeline = false, line = false }: { timeline?: boolean; line?: boolean } = {},
): Plot | Missing {
  const [x, split, marks] = [textOf(config, "x"), textOf(config, "split"), marksOf(config, "series")];
  if (!x) return { missing: t`Select the column for the axis.` };
  if (marks.length === 0) return { missing: t`Select at least one series.` };
  const mute = marks.flatMap(({ field }) => withoutNumbers(rows, field) ?? []);
  if (mute[0] && mute.length === marks.length) return mute[0];
  const time = timeline && isTimeline(rows, x);
  const drawn = time ? rows.filter((row) => asDate(row[x]) !== null) : rows;
  const { parts, notes } = partsOf(drawn, marks, split, columns);
  const categories = ordered(drawn, x, columns, split !== "");
  const cells = parts.map((part) =>
    categories.map((category) =>
      part.rows ? category.rows.filter((row) => part.rows?.has(row)) : category.rows,
    ),
  );
  const repeats = cells.some((cell, index) => !parts[index]?.other && cell.some((own) => own.length > 1));
  if (repeats && line)
    return {
      missing: split
        ? t`Several rows have the same ${x} and ${split}, so they cannot be shown as one line. Aggregate them in the query.`
        : t`Several rows have the same ${x}, so they cannot be shown as one line. Select a column under “Split by”, or aggregate the rows in the query.`,
    };
  const series = parts.map(({ mark, name }, index) => ({
    key: split ? `${mark.field} ${name}` : mark.field,
    name,
    values: (cells[index] ?? []).map((own) => sumOf(own.map((row) => row[mark.field]))),
  }));
  const stack = config["stack"] === "percent" || config["stack"] === "normal" ? config["stack"] : "none";
  if (stack === "percent" && series.some(({ values }) => values.some((value) => Number(value) < 0)))
    return { missing: t`A 100% stacked chart cannot show negative values.` };
  return {
    x,
    categories,
    time,
    series,
    stack,
    style: styleOf(config, marks[0]?.field),
    notes: [
      ...mute.map(({ missing }) => missing),
      ...(repeats ? [t`Rows with the same ${x} are summed.`] : []),
      ...notes,
      ...leftOut(rows.length - drawn.length, x),
    ],
    seen: seenOf(x, categories, series),
    rowAt: (category, index) => {
      const own = cells[index]?.[category] ?? [];
      return mergeRows(own.length ? own : (categories[category]?.rows ?? []), {});
    },
  };
}

/**
 * Returns the categories in the order of the rows; with a split, where a series need not have all of them, numbers and
 * dates ascend.
 */
function ordered(rows: readonly Row[], x: string, columns: readonly Column[], split: boolean): Group[] {
  const categories = categoriesOf(rows, x, columns);
  const groups = groupsOf(rows, x, categories);
  if (
    !split ||
    (categories.kind !== "number" && categories.kind !== "moment") ||
    isDescending(
      groups.map(({ value }) => value),
      categories.kind,
    )
  )
    return groups;
  return sortValues(groups, ({ value }) => value, categories.kind);
}

function seenOf(x: string, categories: readonly Group[], series: readonly PlotSeries[]): Seen {
  return {
    columns: [
      { field: x, label: x, figure: false },
      ...series
        .filter(({ key }) => key !== x)
        .map(({ key, name }) => ({ field: key, label: name, figure: true })),
    ],
    rows: categories.map(({ rows, value }, index) =>
      mergeRows(rows, {
        [x]: value,
        ...Object.fromEntries(series.map(({ key, values }) => [key, values[index] ?? null])),
      }),
    ),
  };
}
