import type { Column, JsonObject, WidgetKind } from "@/lib/api/model";
import { asDate, isCodeName } from "@/lib/format/figures";
import { isDescending, keyOf, kindOf, type Row } from "@/lib/rows/cells";
import { codesOf, isLatitudeName, isLongitudeName, measuresOf } from "@/lib/rows/measures";
import { isMonthText, isPeriodNumber } from "@/lib/rows/periods";
import { isRateName } from "@/lib/series/aggregate";

interface Found {
  /** Returns columns with numbers worth showing, the first one's name, and the first category column. */
  figures: string[];
  figure: string | undefined;
  name: string | undefined;
  names: string[];
  time: string | undefined;
  all: string[];
}

function look(columns: readonly Column[], rows: readonly Row[]): Found {
  const measures = measuresOf(columns, rows);
  const codes = codesOf(columns, rows);
  const periods = columns.filter((column) => isPeriodNumber(column, rows)).map(({ name }) => name);
  const named = columns.map(({ name }) => name).filter((name) => ![...measures, ...codes].includes(name));
  // Rows without a name of their own are named by their month or year.
  const names = named.some((name) => isUnique(rows, [name])) ? named : [...periods, ...named];
  // Without rows it is unknown which columns hold numbers: then the second one is used.
  const isUnknown = measures.length + codes.length + rows.length === 0;
  const figures = isUnknown ? names.slice(1, 2).filter((name) => !isCodeName(name)) : measures;
  const figure = figures[0];
  const time = names.find(
    (name) =>
      rows.length > 0 &&
      (isMonthText(rows, name) ||
        rows.every((row) => row[name] === null || row[name] === undefined || asDate(row[name]) !== null)),
  );
  const all = columns.map(({ name }) => name);
  return { figures, figure, names, name: names[0] ?? all.find((column) => column !== figure), time, all };
}

/** Whether no two rows have the same values in these columns. */
function isUnique(rows: readonly Row[], fields: readonly string[]): boolean {
  const seen = new Set<string>();
  for (const row of rows) {
    const key = fields.map((field) => keyOf(row[field], "text")).join("\n");
    if (seen.has(key)) return false;
    seen.add(key);
  }
  return true;
}

/** The most values of a category that does not distinguish rows of one axis value. */
const MOST_SERIES = 8;

/** The most values of a category that does. */
const MOST_DISTINGUISHING = 20;

/** Returns how many values a column has; infinite above `most`. */
function distinctIn(rows: readonly Row[], field: string, most: number): number {
  const seen = new Set<string>();
  for (const row of rows) {
    seen.add(keyOf(row[field], "text"));
    if (seen.size > most) return Infinity;
  }
  return seen.size;
}

/** Whether the values of a column repeat: those of a key, or of a note, would be a series each. */
const isCategory = (rows: readonly Row[], field: string, most: number): boolean => {
  const count = distinctIn(rows, field, most);
  return count > 1 && count * 3 <= rows.length * 2;
};

/**
 * Returns the column whose values become series if the values on the axis repeat: a category that distinguishes the rows
 * of each axis value, else one with few values.
 */
export function suggestSplit(
  x: string,
  figures: readonly string[],
  columns: readonly Column[],
  rows: readonly Row[],
): string | undefined {
  if (isUnique(rows, [x])) return undefined;
  const others = columns.map(({ name }) => name).filter((name) => name !== x && !figures.includes(name));
  return (
    others.find((name) => isCategory(rows, name, MOST_DISTINGUISHING) && isUnique(rows, [x, name])) ??
    others.find((name) => !isCodeName(name) && isCategory(rows, name, MOST_SERIES))
  );
}

/** Returns the order of an axis of numbers or times whose rows have none: bars would be in the order of the rows. */
export function suggestOrder(
  x: string,
  columns: readonly Column[],
  rows: readonly Row[],
): "axis" | undefined {
  const column = columns.find(({ name }) => name === x);
  const kind = column ? kindOf(column, rows) : "text";
  if (kind !== "number" && kind !== "moment") return undefined;
  const values = rows.map((row) => row[x]);
  return isDescending(values, kind) || isDescending(values.toReversed(), kind) ? undefined : "axis";
}

/** The most values along an axis before times are grouped. */
const MOST_TIMES = 62;

interface PlotGuess {
  axis: string | undefined;
  isTime: boolean;
  /** The columns with numbers. */
  figures: readonly string[];
}

/**
 * Suggests the series of a chart: split by a second category if the axis values repeat, then stacked, and with times
 * grouped if there are many.
 */
function suggestPlot(
  type: "bar" | "line" | "area",
  { axis, isTime, figures }: PlotGuess,
  columns: readonly Column[],
  rows: readonly Row[],
): JsonObject {
  const marks = figures.filter((field) => field !== axis);
  const split = axis && suggestSplit(axis, figures, columns, rows);
  const times = axis && isTime ? new Set(rows.map((row) => keyOf(row[axis], "text"))).size : 0;
  const isStacked = split !== undefined && type !== "line" && !marks.some(isRateName);
  return {
    ...known({
      x: axis,
      split,
      stack: isStacked ? "normal" : undefined,
      order: axis && suggestOrder(axis, columns, rows),
      grain: times > MOST_TIMES && type !== "line" ? "auto" : undefined,
    }),
    // A series for each value of a category, of one number: more would be confused.
    series: marks.slice(0, split === undefined ? 3 : 1).map((field) => ({ field })),
  };
}

/** Drops undefined values. */
const known = (config: Record<string, unknown>): JsonObject =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));

/** Suggests a config: categories on the axis, numbers as values. */
export function suggestConfig(
  type: WidgetKind,
  columns: readonly Column[],
  rows: readonly Row[],
): JsonObject {
  const { figures, figure, name, names, time, all } = look(columns, rows);
  const plain = names.filter((one) => one !== time);
  const axis = time ?? name;
  switch (type) {
    case "number":
    case "gauge":
      return known({ field: figure });
    case "bar":
    case "line":
    case "area":
      return suggestPlot(type, { axis, isTime: axis !== undefined && axis === time, figures }, columns, rows);
    case "pie":
    case "funnel":
      return known({ label: name, value: figure });
    case "scatter":
      return known({ x: figures[1] ? figure : name, y: figures[1] ?? figure, label: name });
    case "heatmap":
      return known({ x: names[0], y: names[1], value: figure });
    case "map":
      return known({
        latitude: all.find(isLatitudeName),
        longitude: all.find(isLongitudeName),
        label: plain[0],
        size: figure,
      });
    case "list":
      return known({ title: plain[0] ?? name, subtitle: plain[1], detail: figure });
    case "timeline":
      return known({ time, title: plain[0] });
    case "selectInput":
      return known({ valueField: name });
    default:
      return {};
  }
}
