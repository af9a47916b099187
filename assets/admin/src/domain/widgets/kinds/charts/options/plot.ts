import { t } from "@lingui/core/macro";
import type { Column, JsonObject } from "@/lib/api/model";
import { asNumber, type FigureStyle } from "@/lib/format/figures";
import { wallOf } from "@/lib/format/dates/moments";
import { categoriesOf, mergeRows, type Categories } from "@/lib/rows/categories";
import { compareValues, isDescending, type Row } from "@/lib/rows/cells";
import { isMonthText } from "@/lib/rows/periods";
import { aggregations, isRateName, type Aggregation } from "@/lib/series/aggregate";
import { grains, nextStart, ownGrain, type Grain } from "@/lib/series/grain";
import { axisLabels, type AxisLabel } from "@/lib/series/labels";
import { shape, type Shaped, type Shaping } from "@/lib/series/series";
import { isOn, labelOfColumn, marksOf, styleOf, textOf } from "../../config";
import { suggestSplit } from "../../suggest";
import { colorOfSetting, valueColors, type MarkColor } from "../chart-colors";
import { withoutNumbers, type Missing, type Seen } from "./shared";
import { notesOf } from "./notices/plot-notices";

/** One for each color. */
const MAX_PARTS = 8;

/** The data along an axis: a value for each category and series. */
export interface Plot {
  x: string;
  categories: AxisLabel[];
  /** Whether the axis is a time axis: then categories have their wall times. */
  time: boolean;
  series: PlotSeries[];
  /** The colors of the categories that are statuses. */
  colors: (MarkColor | null)[];
  stack: "none" | "normal" | "percent";
  notes: string[];
  seen: Seen;
  /** The row of a category of a series. */
  rowAt: (category: number, series: number) => Row | undefined;
}

export interface PlotSeries {
  /** Its column in the shown rows. */
  key: string;
  name: string;
  /** Exact values by category. */
  values: (number | string | null)[];
  shape: "bar" | "line";
  /** 1 for the second axis. */
  axis: 0 | 1;
  isStacked: boolean;
  style: FigureStyle;
  color: MarkColor | null;
}

export interface PlotOptions {
  /** How series are drawn by default. */
  shape: "bar" | "line";
  /** Whether dates get a time axis. */
  timeline?: boolean;
  /** IANA time zone of periods; that of the browser if absent. */
  zone?: string | undefined;
  /** Whether the result lacks rows. */
  truncated?: boolean;
  /** The present as a wall time. */
  now?: number;
}

/** Whether all existing values are times: then the axis is a time axis. */
export function isTimeline(rows: readonly Row[], field: string): boolean {
  const values = rows.map((row) => row[field]).filter((value) => value !== null && value !== undefined);
  return values.length > 1 && values.every((value) => wallOf(value) !== null);
}

const oneOf = <T extends string>(known: readonly T[], value: unknown): T | undefined =>
  known.find((one) => one === value);

/** Returns how the rows of a mark are combined: rates and averages are not added up. */
function aggregationOf(config: JsonObject, field: string, style: FigureStyle): Aggregation {
  const wanted = oneOf(aggregations, config["aggregate"]);
  return wanted ?? (style.format === "percent" || isRateName(field) ? "average" : "sum");
}

function shapingOf(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[],
  options: PlotOptions,
) {
  const x = textOf(config, "x");
  const marks = marksOf(config, "series", columns);
  const split = splitOf(config, rows, columns, options);
  const kinds = new Map<string, Categories>();
  const categories = (field: string) => {
    const known = kinds.get(field) ?? categoriesOf(rows, field, columns);
    kinds.set(field, known);
    return known;
  };
  const limit = asNumber(config["limit"]);
  const shaping: Shaping = {
    x,
    split,
    marks: marks.map(({ field }) => ({
      field,
      how: aggregationOf(config, field, styleOf(config, field, columns)),
    })),
    grain: oneOf([...grains, "auto"] as const, config["grain"]) ?? "none",
    order: oneOf(["axis", "largest", "smallest"] as const, config["order"]) ?? "rows",
    limit: limit !== null && limit >= 1 ? limit : null,
    other: config["other"] !== false,
    mostSplits: MAX_PARTS,
    zone: options.zone,
    keyOf: (field, value) => categories(field).keyOf(value),
    compare: compareValues(categories(x).kind),
  };
  return { shaping, marks, categories };
}

/**
 * Returns the column to split by. If a line or an area would need several values at one point, and no column is
 * configured, the column that tells the rows apart is used.
 */
function splitOf(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[],
  { shape: drawn }: PlotOptions,
): string {
  const configured = textOf(config, "split");
  if (configured || config["split"] === null || drawn !== "line") return configured;
  if (oneOf(aggregations, config["aggregate"]) || (config["grain"] ?? "none") !== "none") return "";
  const figures = marksOf(config, "series").map(({ field }) => field);
  const known = columns.length
    ? columns
    : Object.keys(rows[0] ?? {}).map((name) => ({ name, type: "unknown" }));
  return suggestSplit(textOf(config, "x"), figures, known, rows) ?? "";
}

/** Reads the data along an axis, or returns why it cannot be shown. */
export function plotOf(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[],
  options: PlotOptions,
): Plot | Missing {
  const { shaping, marks, categories } = shapingOf(config, rows, columns, options);
  const { x, split } = shaping;
  if (!x) return { missing: t`Select the column for the axis.` };
  if (marks.length === 0) return { missing: t`Select at least one series.` };
  const mute = shaping.marks.flatMap(({ field, how }) =>
    how === "count" ? [] : (withoutNumbers(rows, field) ?? []),
  );
  if (mute[0] && mute.length === marks.length) return mute[0];
  const isTimed = shaping.grain === "none" && hasTimeAxis(marks, options) && isTimeline(rows, x);
  const drawn = isTimed ? rows.filter((row) => wallOf(row[x]) !== null) : rows;
  const shaped = shape(drawn, inUsualOrder(drawn, shaping, categories(x)));
  const axis = axisOf(shaped, shaping, categories(x));
  const stack = oneOf(["normal", "percent"] as const, config["stack"]) ?? "none";
  const series = seriesOf(config, shaped, {
    marks,
    hows: shaping.marks.map(({ how }) => how),
    split,
    columns,
    stack,
    options,
    labelOf: split ? categories(split).labelOf : null,
    colorFor: split ? valueColors(config, columns, split, rows) : null,
  });
  const refused = withoutShares(stack, series);
  if (refused) return refused;
  return {
    x,
    categories: axis,
    time: isTimed,
    series,
    colors: split ? [] : categoryColors(shaped, valueColors(config, columns, x, rows)),
    stack,
    notes: [
      ...[...mute.map(({ missing }) => missing), ...unfinished(axis, shaped.facts.grain, options)],
      ...notesOf({
        config,
        rows: drawn,
        columns,
        shaping,
        shaped,
        series,
        stack,
        options,
        untimed: rows.length - drawn.length,
        kind: categories(x).kind,
        isTimed,
      }),
    ],
    seen: seenOf(x, labelOfColumn(columns, x), shaped, series),
    rowAt: (category, index) => rowAt(shaped, marks, category, index),
  };
}

const categoryColors = ({ axis }: Shaped, colorFor: ReturnType<typeof valueColors>) =>
  axis.map(({ value, isOther }) => (isOther ? null : colorFor(value)));

/** Returns a message if a stack of shares has negative values. */
function withoutShares(stack: Plot["stack"], series: readonly PlotSeries[]): Missing | null {
  if (stack !== "percent") return null;
  if (!series.some(({ isStacked, values }) => isStacked && values.some((value) => Number(value) < 0)))
    return null;
  return {
    missing: t`A 100% stacked chart cannot show negative values. Show the series side by side instead.`,
  };
}

/** Returns the row of a category of a series. */
function rowAt(shaped: Shaped, marks: ReturnType<typeof marksOf>, category: number, index: number) {
  const own = shaped.rowsAt(category, index);
  if (own.length === 0) return mergeRows(shaped.axis[category]?.rows ?? [], {});
  // Several rows have the values that the mark shows, not those that they happen to share.
  return mergeRows(own, own.length > 1 ? shownAt(shaped, marks, category, index) : {});
}

/** Returns the shown values of a category and its split value, by column. */
function shownAt(
  { series }: Shaped,
  marks: ReturnType<typeof marksOf>,
  category: number,
  index: number,
): Row {
  const first = Math.floor(index / marks.length) * marks.length;
  return Object.fromEntries(
    marks.map(({ field }, place) => [field, series[first + place]?.values[category] ?? null]),
  );
}

/** Whether times get an axis of their own: bars need categories. */
const hasTimeAxis = (
  marks: ReturnType<typeof marksOf>,
  { timeline = false, shape: drawn }: PlotOptions,
): boolean => timeline && drawn === "line" && marks.every(({ config }) => config["shape"] !== "bar");

/**
 * Months ascend unless they descend; with a split, where a series need not have all axis values, numbers and dates do,
 * too.
 */
function inUsualOrder(rows: readonly Row[], shaping: Shaping, { kind }: Categories): Shaping {
  const isOrdered = kind === "number" || kind === "moment";
  if (shaping.order !== "rows") return shaping;
  if (!(shaping.split && isOrdered) && !isMonthText(rows, shaping.x)) return shaping;
  const values = rows.map((row) => row[shaping.x]);
  return isDescending(values, kind) ? shaping : { ...shaping, order: "axis" };
}

/** Says that the last period is not over, so that its value is not read as a drop. */
function unfinished(axis: readonly AxisLabel[], grain: Grain | null, { now, zone }: PlotOptions): string[] {
  const present = now ?? wallOf(new Date().toISOString(), zone) ?? 0;
  const timed = axis.flatMap(({ wall, name }) => (wall === null ? [] : [{ wall, name }]));
  if (timed.length < 2 || timed.length < axis.length) return [];
  const own = grain ?? ownGrain(timed.map(({ wall }) => wall));
  const last = timed.reduce((a, b) => (b.wall > a.wall ? b : a));
  const isCurrent = last.wall <= present && present < nextStart(last.wall, own);
  // Days may be measurements, not sums.
  if (!isCurrent || own === "hour" || (own === "day" && grain === null)) return [];
  return [t`${last.name} is not over yet: its value may still change.`];
}

function axisOf({ axis, facts }: Shaped, { zone }: Shaping, { labelOf }: Categories): AxisLabel[] {
  const rest = t`Other (${facts.beyond})`;
  const known = axis.filter(({ isOther }) => !isOther).map(({ value }) => value);
  const labels = axisLabels(known, labelOf, { grain: facts.grain, zone });
  return [...labels, ...(known.length < axis.length ? [{ label: rest, name: rest, wall: null }] : [])];
}

interface SeriesContext {
  marks: ReturnType<typeof marksOf>;
  hows: readonly Aggregation[];
  split: string;
  columns: readonly Column[];
  stack: Plot["stack"];
  options: PlotOptions;
  labelOf: ((value: unknown) => string) | null;
  /** The colors of the values that the series are split by. */
  colorFor: ReturnType<typeof valueColors> | null;
}

function seriesOf(config: JsonObject, shaped: Shaped, context: SeriesContext): PlotSeries[] {
  const { marks, hows, split, columns, stack, options, labelOf, colorFor } = context;
  const isFilled = config["gaps"] === "zero";
  // The second axis is for values of another unit.
  const hasFirst = marks.some(({ config: own }) => own["axis"] !== "second");
  return shaped.series.map(({ mark: place, split: value, combined, values }) => {
    const mark = marks[place] ?? { field: "", label: "", config: {} };
    const part = combined ? t`Other (${combined})` : (labelOf?.(value) ?? "");
    const name = !split ? mark.label : marks.length > 1 ? `${mark.label} · ${part}` : part;
    const drawn = oneOf(["bar", "line"] as const, mark.config["shape"]) ?? options.shape;
    const axis = mark.config["axis"] === "second" ? 1 : 0;
    return {
      key: split ? `${mark.field} ${name}` : mark.field,
      name,
      values: isFilled ? values.map((one) => one ?? 0) : values,
      shape: drawn,
      axis,
      isStacked: stack !== "none" && drawn === options.shape && axis === 0,
      style:
        // A number of rows has neither the currency nor the unit of what is counted.
        hows[place] === "count" ? {} : styleOf(axis === 1 && hasFirst ? {} : config, mark.field, columns),
      color:
        (split && !combined ? colorFor?.(value, mark.config["color"]) : null) ??
        colorOfSetting(mark.config["color"]),
    };
  });
}

function seenOf(x: string, label: string, shaped: Shaped, series: readonly PlotSeries[]): Seen {
  const { grain } = shaped.facts;
  // A period is shown by its first day, or hour.
  const own = (value: unknown) =>
    grain && typeof value === "number"
      ? new Date(value).toISOString().slice(0, grain === "hour" ? 19 : 10)
      : value;
  return {
    columns: [
      { field: x, label, figure: false },
      ...series
        .filter(({ key }) => key !== x)
        .map(({ key, name, style }) => ({ field: key, label: name, figure: true, style })),
    ],
    rows: shaped.axis.map(({ rows, value, isOther }, index) =>
      mergeRows(rows, {
        [x]: isOther ? t`Other` : own(value),
        ...Object.fromEntries(series.map(({ key, values }) => [key, values[index] ?? null])),
      }),
    ),
  };
}

/** Whether missing values are connected. */
export const isConnected = (config: JsonObject): boolean => config["gaps"] === "connect";
export const isLogarithmic = (config: JsonObject): boolean => isOn(config, "logScale");
