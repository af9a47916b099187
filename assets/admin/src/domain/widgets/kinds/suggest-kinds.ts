import type { Column, WidgetKind } from "@/lib/api/model";
import { isMonth } from "@/lib/format/dates/moments";
import { asDate } from "@/lib/format/figures";
import type { Row } from "@/lib/rows/cells";
import { codesOf, isLatitudeName, isLongitudeName, measuresOf } from "@/lib/rows/measures";
import { isPeriodNumber } from "@/lib/rows/periods";
import { suggestSplit } from "./suggest";

/** Returns the kinds of widgets that suit the columns, the best one first. A table suits everything. */
export function suggestKinds(columns: readonly Column[], rows: readonly Row[]): WidgetKind[] {
  const figures = measuresOf(columns, rows);
  const periods = columns.filter((column) => isPeriodNumber(column, rows)).map(({ name }) => name);
  const numbers = [...figures, ...codesOf(columns, rows)].filter((name) => !periods.includes(name));
  const names = columns.map(({ name }) => name).filter((name) => !numbers.includes(name));
  const has = (isNamed: (name: string) => boolean) => columns.some(({ name }) => isNamed(name));
  const isTime = (name: string) =>
    rows.length > 0 &&
    rows.every((row) => row[name] != null && (asDate(row[name]) !== null || isMonth(row[name])));
  const time = names.find(isTime);
  if (rows.length === 1 && figures.length === 1 && columns.length === 1) return ["number", "gauge", "table"];
  if (rows.length === 1 && columns.length > 2)
    return ["keyValue", "table", ...(figures[0] ? ["number" as const] : [])];
  if (has(isLatitudeName) && has(isLongitudeName)) return ["map", "table"];
  // Many text columns are records to read, not categories to compare.
  const few = names.length <= 2 && figures.length > 0 && figures.length <= 5;
  // Parts of a whole are stacked, which bars show best.
  if (few && time && suggestSplit(time, figures, columns, rows)) return ["bar", "area", "line", "table"];
  if (few && time) return ["line", "area", "bar", "table"];
  if (few && names.length === 1)
    return ["bar", ...(rows.length <= 8 ? ["pie" as const] : []), "line", "table"];
  if (few && names.length === 2) return ["bar", "heatmap", "table"];
  if (names.length === 0 && figures.length === 2) return ["scatter", "line", "table"];
  return [
    "table",
    ...(names.length > 0 ? ["list" as const] : []),
    ...(few || figures[0] ? ["bar" as const] : []),
  ];
}
