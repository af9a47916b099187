import { t } from "@lingui/core/macro";
import type { Column, JsonObject } from "@/lib/api/model";
import { sumOf } from "@/lib/format/decimals";
import { formatFigure, type FigureStyle } from "@/lib/format/figures";
import { categoriesOf } from "@/lib/rows/categories";
import type { Row } from "@/lib/rows/cells";
import { labelOfColumn, marksOf, styleOf, textOf } from "../../config";
import type { Colors } from "../chart-colors";
import { inks, palette } from "../chart-theme";

/** A requirement of the chart that is not met. */
export type Missing = { missing: string };
export type ChartOption = Record<string, unknown>;

export interface SeenColumn {
  field: string;
  label: string;
  /** Formatted as a number; otherwise a label. */
  figure: boolean;
  /** The format of its numbers, if it is not that of its column. */
  style?: FigureStyle;
}

/** The shown data as rows and columns: for the table behind a chart, for a download, and to select a row. */
export interface Seen {
  columns: SeenColumn[];
  rows: readonly Row[];
}

export interface Drawing {
  option: ChartOption;
  seen: Seen;
  /** Notes that readers need to interpret the chart. */
  notes: string[];
  /** Returns the row of an element of the chart. */
  pick?: (params: unknown) => Row | undefined;
}

export const isMissing = (drawing: Drawing | Missing): drawing is Missing => "missing" in drawing;

/** What a drawing depends on besides the data and the config. */
export interface DrawingContext extends Colors {
  /** Whether the result lacks rows. */
  truncated?: boolean;
}

export const plainContext: DrawingContext = { ink: inks.light, palette: palette.light };

export const common = { animationDuration: 300, aria: { enabled: true } };

/** Small tiles: the chart without labels. */
export const TINY = { maxHeight: 90 };

/** Returns a message if a column has no numbers; null if it has any, or if there are no rows. */
export function withoutNumbers(rows: readonly Row[], field: string): Missing | null {
  return rows.length > 0 && sumOf(rows.map((row) => row[field])) === null
    ? { missing: t`The column “${field}” has no numbers.` }
    : null;
}

/** Returns the formatter of each column of the shown data. */
export function writtenAs(
  { columns: seen, rows }: Seen,
  config: JsonObject,
  columns: readonly Column[],
): Map<string, (value: unknown) => string> {
  return new Map(
    seen.map(({ field, figure, style: own }) => {
      const style = own ?? styleOf(config, field, columns);
      return [
        field,
        figure ? (value: unknown) => formatFigure(value, style) : categoriesOf(rows, field, columns).labelOf,
      ] as const;
    }),
  );
}

/** The tooltip is HTML, and data must be escaped. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Returns the lines of a tooltip: a name, then its values. */
export function tooltipHtml(
  marker: string,
  name: string,
  figures: readonly (readonly [label: string, value: string])[],
): string {
  const lines = figures.map(
    ([label, value]) => `${label ? `${escapeHtml(label)}&ensp;` : ""}<b>${escapeHtml(value)}</b>`,
  );
  return `${marker}${escapeHtml(name)}${lines.length === 1 && !figures[0]?.[0] ? "&ensp;" : "<br>"}${lines.join("<br>")}`;
}

/** Returns the row index that was stored with a shown element's value. */
export function rowIndexOf(params: unknown): number | undefined {
  const data = typeof params === "object" && params !== null && "data" in params ? params.data : undefined;
  return typeof data === "object" && data !== null && "row" in data && typeof data.row === "number"
    ? data.row
    : undefined;
}

/** Returns the columns of a chart that shows individual rows. */
export function seenColumns(
  config: JsonObject,
  names: readonly string[],
  figures: readonly string[],
  described: readonly Column[] = [],
): SeenColumn[] {
  const single = [
    ...names.map((name) => [name, false] as const),
    ...figures.filter((name) => name !== "series").map((name) => [name, true] as const),
  ];
  const columns = single.flatMap(([name, figure]) =>
    textOf(config, name)
      ? [{ field: textOf(config, name), label: labelOfColumn(described, textOf(config, name)), figure }]
      : [],
  );
  const series = figures.includes("series")
    ? marksOf(config, "series", described).map(({ field, label }) => ({ field, label, figure: true }))
    : [];
  const all = [...columns, ...series];
  return all.filter(({ field }, index) => all.findIndex((one) => one.field === field) === index);
}

/** Returns the ends of numbers; not spread, because there may be more than a call can take arguments. */
export const extentOf = (values: readonly number[]): readonly [least: number, most: number] =>
  values.reduce<readonly [number, number]>(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );

/** Returns a radius in pixels whose area is proportional to the value, within limits. */
export function bubbleSize(
  value: number | null,
  largest: number,
  [least, most]: readonly [number, number],
): number {
  if (value === null || value <= 0 || largest <= 0) return least;
  return least + (most - least) * Math.sqrt(Math.min(1, value / largest));
}

export const largestOf = (values: readonly (number | null)[]): number =>
  values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
