import type { Column, JsonObject, WidgetKind } from "@/lib/api/model";
import { asDate, isCodeName } from "@/lib/format/figures";
import { isNumeric, keyOf, type Row } from "@/lib/rows/cells";

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
  const numbers = columns.filter((column) => isNumeric(column, rows)).map(({ name }) => name);
  const names = columns.filter(({ name }) => !numbers.includes(name)).map(({ name }) => name);
  // An id or a year is a number that means nothing in a chart.
  const telling = numbers.filter((name) => !isCodeName(name));
  // Without rows it is unknown which columns hold numbers: then the second one is used.
  const figures = telling.length ? telling : numbers.length ? numbers : rows.length ? [] : names.slice(1, 2);
  const figure = figures[0];
  const time = names.find(
    (name) =>
      rows.length > 0 &&
      rows.every((row) => row[name] === null || row[name] === undefined || asDate(row[name]) !== null),
  );
  const all = columns.map(({ name }) => name);
  return { figures, figure, names, name: names[0] ?? all.find((column) => column !== figure), time, all };
}

/**
 * Returns the column that distinguishes rows of one category, if the categories repeat: each of its values becomes a
 * series.
 */
export function suggestSplit(
  x: string,
  figures: readonly string[],
  columns: readonly Column[],
  rows: readonly Row[],
): string | undefined {
  const distinct = (fields: readonly string[]) =>
    new Set(rows.map((row) => fields.map((field) => keyOf(row[field], "text")).join("\n"))).size;
  if (distinct([x]) === rows.length) return undefined;
  const others = columns.map(({ name }) => name).filter((name) => name !== x && !figures.includes(name));
  return others.find((name) => distinct([x, name]) === rows.length);
}

/** Drops undefined values. */
const known = (config: Record<string, unknown>): JsonObject =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));

const place = (all: string[], pattern: RegExp) => all.find((name) => pattern.test(name));

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
      return {
        ...known({ x: axis, split: axis && suggestSplit(axis, figures, columns, rows) }),
        series: figures
          .filter((field) => field !== axis)
          .slice(0, 3)
          .map((field) => ({ field })),
      };
    case "pie":
    case "funnel":
      return known({ label: name, value: figure });
    case "scatter":
      return known({ x: figures[1] ? figure : name, y: figures[1] ?? figure, label: name });
    case "heatmap":
      return known({ x: names[0], y: names[1], value: figure });
    case "map":
      return known({
        latitude: place(all, /^lat(itude)?$/i),
        longitude: place(all, /^(lon|lng|long|longitude)$/i),
        label: plain[0],
        size: figures.find((one) => !/^(lat|lon|lng|long)/i.test(one)),
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
