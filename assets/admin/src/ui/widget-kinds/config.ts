import type { Column, JsonObject } from "@/lib/api/model";
import type { WidgetData } from "@/lib/api/widgets";
import { asRows, columnsOf, type Row } from "@/lib/cells";
import type { FigureFormat, FigureStyle } from "@/lib/figures";

/** What every kind of widget gets to draw. */
export interface WidgetProps {
  config: JsonObject;
  result: WidgetData | null;
  label: string;
}

export interface Mark {
  field: string;
  label: string;
}

const formats: readonly FigureFormat[] = ["auto", "text", "number", "currency", "percent", "date", "datetime"];

const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

export function textOf(config: JsonObject, name: string): string {
  const value = config[name];
  return typeof value === "string" ? value : "";
}

export function styleOf(config: JsonObject): FigureStyle {
  return { format: formats.find((format) => format === config["format"]), currency: textOf(config, "currency") || undefined };
}

/** The named columns of a list such as `series` or `columns`, each with the words it is shown under. */
export function marksOf(config: JsonObject, name: string): (Mark & { config: JsonObject })[] {
  const list = config[name];
  if (!Array.isArray(list)) return [];
  return list.filter(isObject).flatMap((item) => {
    const field = textOf(item, "field");
    return field ? [{ field, label: textOf(item, "label") || field, config: item }] : [];
  });
}

/** The result as rows; a transformer may have returned anything, so lists of plain values get a column of their own. */
export function rowsOf(result: WidgetData | null): { rows: Row[]; columns: Column[] } {
  const data = result?.data;
  const rows = asRows(data) ?? (Array.isArray(data) ? data.map((value) => ({ value })) : isObject(data) ? [data] : []);
  return { rows, columns: columnsOf(rows, result?.columns ?? []) };
}
