import type { Column, JsonObject } from "@/lib/api/model";
import type { WidgetData } from "@/lib/api/subjects/widgets";
import { styleFor } from "@/lib/format/columns";
import { compareNumbers, isNumber } from "@/lib/format/decimals";
import { asNumber, figureFormats, type FigureStyle } from "@/lib/format/figures";
import { toneOf, type Tone } from "@/lib/format/tones";
import { isObject } from "@/lib/is-object";
import { isMerged } from "@/lib/rows/categories";
import { asRows, cellText, columnNamed, columnsOf, type Row } from "@/lib/rows/cells";

/** The props of every widget. */
export interface WidgetProps {
  config: JsonObject;
  result: WidgetData | null;
  label: string;
  /** The key of the dashboard's item, or the widget's id: the key of the reader's own settings. */
  id?: string | undefined;
  /** Whether the data belongs to earlier values of the variables, and the present data is still to come. */
  isStale?: boolean | undefined;
  /** Given if a row can be selected: selects it, or deselects the selected one. */
  onSelect?: ((row: Row, deselects?: boolean) => void) | undefined;
  /** Given with `onSelect`. */
  isSelected?: ((row: Row) => boolean) | undefined;
}

export interface Mark {
  field: string;
  label: string;
}

export function textOf(config: JsonObject, name: string): string {
  const value = config[name];
  return typeof value === "string" ? value : "";
}

export const isOn = (config: JsonObject, name: string): boolean => config[name] === true;

/** Returns the objects of a list. */
export function objectsOf(config: JsonObject, name: string): JsonObject[] {
  const list = config[name];
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/** Returns the format that a config sets itself. */
export const ownStyle = (config: JsonObject): FigureStyle => ({
  format: figureFormats.find((format) => format === config["format"]),
  currency: textOf(config, "currency") || undefined,
  decimals: asNumber(config["decimals"]) ?? undefined,
  unit: textOf(config, "unit") || undefined,
});

/** Returns the format of a column's numbers in a widget. */
export const styleOf = (config: JsonObject, field = "", columns: readonly Column[] = []): FigureStyle =>
  styleFor(columnNamed(columns, field), ownStyle(config));

/** Returns the label of a column. */
export const labelOfColumn = (columns: readonly Column[], field: string): string =>
  columnNamed(columns, field).label ?? field;

/** Returns the named columns of a list such as `series` or `columns`, each with its label. */
export function marksOf(
  config: JsonObject,
  name: string,
  columns: readonly Column[] = [],
): (Mark & { config: JsonObject })[] {
  return objectsOf(config, name).flatMap((item) => {
    const field = textOf(item, "field");
    const label = textOf(item, "label") || labelOfColumn(columns, field);
    return field ? [{ field, label, config: item }] : [];
  });
}

/** Converts a result to rows; a transformer may return anything, so lists of plain values get a column of their own. */
export function rowsOf(result: WidgetData | null): { rows: Row[]; columns: Column[] } {
  const data = result?.data;
  const rows =
    asRows(data) ?? (Array.isArray(data) ? data.map((value) => ({ value })) : isObject(data) ? [data] : []);
  return { rows, columns: columnsOf(rows, result?.columns ?? []) };
}

/** Returns the first row of a result, and how its values are shown, for the placeholders of a text. */
export function firstRowOf(result: WidgetData | null): { row: Row | undefined; columns: Column[] } {
  const { rows, columns } = rowsOf(result);
  return { row: rows[0], columns };
}

/** A range of values that has a color. */
export interface Threshold {
  tone: Tone;
  /** What the color means; empty if that is not set. */
  label: string;
}

/** Returns the highest of a config's thresholds that a value reaches; null if it reaches none. */
export function thresholdAt(config: JsonObject, value: unknown): Threshold | null {
  if (!isNumber(value)) return null;
  const passed = objectsOf(config, "thresholds")
    .map((one) => ({
      from: isNumber(one["from"]) ? one["from"] : 0,
      tone: toneOf(one["color"]),
      label: textOf(one, "label"),
    }))
    .filter(({ from }) => compareNumbers(value, from) >= 0)
    .sort((a, b) => compareNumbers(a.from, b.from))
    .at(-1);
  return passed ? { tone: passed.tone, label: passed.label } : null;
}

/** Returns the row that a config's `row` selects. */
export function pickRow(config: JsonObject, rows: readonly Row[]): Row | undefined {
  return config["row"] === "last" ? rows.at(-1) : rows[0];
}

/**
 * Returns the variables that selecting a row sets, with their values; null if it sets none. A row that represents
 * several sets only what they have in common.
 */
export function selectionOf(config: JsonObject, row: Row): JsonObject | null {
  const chosen = objectsOf(config, "selects").flatMap((one) => {
    const [variable, field] = [textOf(one, "variable"), textOf(one, "field")];
    if (!variable || !field || (isMerged(row) && !Object.hasOwn(row, field))) return [];
    return [[variable, row[field] ?? null] as const];
  });
  return chosen.length ? Object.fromEntries(chosen) : null;
}

/** Whether a config has placeholders of variables, or conditions on them. */
export const mentionsVariables = (config: JsonObject): boolean =>
  /vars\.|"from":"vars"/.test(JSON.stringify(config));

/** Whether the variables have a row's values. */
export function isChosen(config: JsonObject, row: Row, variables: JsonObject): boolean {
  const chosen = Object.entries(selectionOf(config, row) ?? {});
  const same = (value: unknown, other: unknown) =>
    value !== null && other !== null && other !== undefined && cellText(value) === cellText(other);
  return chosen.length > 0 && chosen.every(([name, value]) => same(value, variables[name]));
}

/** Returns a URL that is safe to open or load: on this server, or https; null for any other. */
export function safeAddress(value: unknown): string | null {
  const text = typeof value === "string" ? value.trim() : "";
  return /^(https:\/\/|\/(?![/\\]))[^\s]*$/i.test(text) ? text : null;
}

/** The same for an image's URL, which may also be a data URL. */
export function pictureAddress(value: unknown): string | null {
  const text = typeof value === "string" ? value.trim() : "";
  return /^data:image\/(png|jpe?g|gif|webp|avif|svg\+xml)[;,]/i.test(text) ? text : safeAddress(value);
}
