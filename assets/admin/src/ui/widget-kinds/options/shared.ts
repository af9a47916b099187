import type { JsonObject } from "@/lib/api/model";
import type { Row } from "@/lib/cells";
import { asDate, formatFigure } from "@/lib/figures";
import { marksOf, styleOf, textOf } from "../config";

/** What a chart cannot do without. */
export type Missing = { missing: string };
export type ChartOption = Record<string, unknown>;

export const isMissing = (option: ChartOption | Missing): option is Missing => "missing" in option;

export const common = { animationDuration: 300, aria: { enabled: true } };

/** Where there is room for a picture and for no words around it. */
export const TINY = { maxHeight: 90 };

export function categoryText(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  return asDate(value) ? formatFigure(value, { format: "date" }) : formatFigure(value);
}

/** A chart's figures as they are written. */
export function figureOf(config: JsonObject): (value: unknown) => string {
  const style = styleOf(config);
  return (value) => formatFigure(typeof value === "number" || typeof value === "string" ? value : null, style);
}

/** The tooltip is HTML, and what a database says is not. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The lines of a tooltip: a name, then what is told of it. */
export function tooltipHtml(marker: string, name: string, figures: readonly (readonly [label: string, value: string])[]): string {
  const lines = figures.map(([label, value]) => `${label ? `${escapeHtml(label)}&ensp;` : ""}<b>${escapeHtml(value)}</b>`);
  return `${marker}${escapeHtml(name)}${lines.length === 1 && !figures[0]?.[0] ? "&ensp;" : "<br>"}${lines.join("<br>")}`;
}

/** The row that a drawn thing stands for, as it was put beside its value. */
export function rowIndexOf(params: unknown): number | undefined {
  const data = typeof params === "object" && params !== null && "data" in params ? params.data : undefined;
  return typeof data === "object" && data !== null && "row" in data && typeof data.row === "number" ? data.row : undefined;
}

export interface AlternativeColumn {
  field: string;
  label: string;
  figure: boolean;
}

/** The columns of the table that stands for a chart where it cannot be seen. */
export function alternativeColumns(config: JsonObject, names: readonly string[], figures: readonly string[]): AlternativeColumn[] {
  const single = [...names.map((name) => [name, false] as const), ...figures.filter((name) => name !== "series").map((name) => [name, true] as const)];
  const columns = single.flatMap(([name, figure]) => (textOf(config, name) ? [{ field: textOf(config, name), label: textOf(config, name), figure }] : []));
  const series = figures.includes("series") ? marksOf(config, "series").map(({ field, label }) => ({ field, label, figure: true })) : [];
  return [...columns, ...series];
}

/** A radius in pixels whose area follows the value, between two limits. */
export function bubbleSize(value: number | null, largest: number, [least, most]: readonly [number, number]): number {
  if (value === null || value <= 0 || largest <= 0) return least;
  return least + (most - least) * Math.sqrt(Math.min(1, value / largest));
}

export const largestOf = (values: readonly (number | null)[]): number => values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);

/** Distinct values in the order in which they come. */
export function distinct(rows: readonly Row[], field: string): string[] {
  return [...new Set(rows.map((row) => categoryText(row[field])))];
}
