import type { Column, WidgetKind } from "@/lib/api/model";
import { asDate, isCodeName } from "@/lib/format/figures";
import { isNumeric, type Row } from "@/lib/rows/cells";

/** Returns the kinds of widgets that suit the columns, the best one first. A table suits everything. */
export function suggestKinds(columns: readonly Column[], rows: readonly Row[]): WidgetKind[] {
  const numbers = columns.filter((column) => isNumeric(column, rows)).map(({ name }) => name);
  const figures = numbers.filter((name) => !isCodeName(name));
  const names = columns.map(({ name }) => name).filter((name) => !numbers.includes(name));
  const has = (pattern: RegExp) => columns.some(({ name }) => pattern.test(name));
  const isTime = (name: string) =>
    rows.length > 0 && rows.every((row) => row[name] != null && asDate(row[name]) !== null);
  const time = names.some(isTime);
  if (rows.length === 1 && figures.length === 1 && columns.length === 1) return ["number", "gauge", "table"];
  if (rows.length === 1 && columns.length > 2)
    return ["keyValue", "table", ...(figures[0] ? ["number" as const] : [])];
  if (has(/^lat(itude)?$/i) && has(/^(lon|lng|long|longitude)$/i)) return ["map", "table"];
  // Many text columns are records to read, not categories to compare.
  const few = names.length <= 2 && figures.length > 0 && figures.length <= 5;
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
