import { t } from "@lingui/core/macro";
import type { Column, JsonObject } from "@/lib/api/model";
import { compareNumbers, sumOf } from "@/lib/format/decimals";
import { formatFigure } from "@/lib/format/figures";
import { categoriesOf, groupsOf, mergeRows } from "@/lib/rows/categories";
import { cellText, columnNamed, type Row } from "@/lib/rows/cells";
import { isOn, labelOfColumn, styleOf, textOf } from "../../config";
import { inks, type Ink } from "../chart-theme";
import {
  common,
  leftOut,
  rowIndexOf,
  tooltipHtml,
  withoutNumbers,
  type ChartOption,
  type Drawing,
  type Missing,
} from "./shared";
import { mixedNotes, rateNotes, truncation } from "./truth";

/** One for each color. */
const MAX_SLICES = 8;

export interface Slice {
  name: string;
  value: number;
  exact: number | string;
  /** Its row among the shown ones; absent for merged slices. */
  row?: number;
}

/** Merges the rows of each name, with their sum. */
function shares(rows: readonly Row[], label: string, value: string, columns: readonly Column[]) {
  const groups = groupsOf(rows, label, categoriesOf(rows, label, columns));
  return groups.map((group) => ({
    name: group.label,
    value: group.value,
    exact: sumOf(group.rows.map((row) => row[value])),
    row: mergeRows(group.rows, { [label]: group.value, [value]: sumOf(group.rows.map((row) => row[value])) }),
    many: group.rows.length > 1,
  }));
}

/** Returns the slices, largest first; many small ones are merged into the last. */
function slicesOf(all: ReturnType<typeof shares>): Slice[] {
  const slices: Slice[] = all.flatMap(({ name, exact }, row) =>
    exact !== null && Number(exact) > 0 ? [{ name, value: Number(exact), exact, row }] : [],
  );
  slices.sort((a, b) => compareNumbers(b.exact, a.exact));
  if (slices.length <= MAX_SLICES) return slices;
  const rest = slices.slice(MAX_SLICES - 1);
  const exact = sumOf(rest.map((slice) => slice.exact)) ?? 0;
  return [
    ...slices.slice(0, MAX_SLICES - 1),
    { name: t`Other (${rest.length})`, value: Number(exact), exact },
  ];
}

/** Returns the declared color of the value that a slice stands for. */
function colorOf(
  { row }: Slice,
  all: ReturnType<typeof shares>,
  colors: NonNullable<Column["colors"]>,
  ink: Ink,
): { itemStyle?: { color: string } } {
  const tone = row === undefined ? undefined : colors[cellText(all[row]?.value)];
  return tone ? { itemStyle: { color: ink.tones[tone] } } : {};
}

export const pieSlices = (rows: readonly Row[], label: string, value: string): Slice[] =>
  slicesOf(shares(rows, label, value, []));

export function pieDrawing(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[] = [],
  { ink = inks.light, truncated = false }: { ink?: Ink; truncated?: boolean } = {},
): Drawing | Missing {
  const label = textOf(config, "label");
  const value = textOf(config, "value");
  if (!label) return { missing: t`Select the column with the slice labels.` };
  if (!value) return { missing: t`Select the column with the slice sizes.` };
  const mute = withoutNumbers(rows, value);
  if (mute) return mute;
  const style = styleOf(config, value, columns);
  const all = shares(rows, label, value, columns);
  if (all.some(({ exact }) => Number(exact) < 0))
    return { missing: t`A pie chart cannot show negative values. Use a bar chart instead.` };
  const colors = columnNamed(columns, label).colors ?? {};
  const data = slicesOf(all).map((slice) => ({ ...slice, ...colorOf(slice, all, colors, ink) }));
  if (data.length === 0) return { missing: t`No row has a value above zero.` };
  const option = {
    ...common,
    // There are few of them, so no paging is needed.
    legend: { type: "plain", data: data.map(({ name }) => name) },
    tooltip: {
      trigger: "item",
      confine: true,
      formatter: ({
        marker = "",
        name = "",
        data: slice,
        percent = 0,
      }: {
        marker?: string;
        name?: string;
        data?: Slice;
        percent?: number;
      }) => tooltipHtml(marker, name, [["", `${formatFigure(slice?.exact ?? null, style)} · ${percent} %`]]),
    },
    series: [{ type: "pie", label: { show: false }, emphasis: { scaleSize: 4 }, data }],
    media: pieMedia(isOn(config, "donut")),
  };
  const seen = {
    columns: [
      { field: label, label: labelOfColumn(columns, label), figure: false },
      { field: value, label: labelOfColumn(columns, value), figure: true },
    ],
    rows: all.map(({ row }) => row),
  };
  const empty = all.filter(({ exact }) => exact === null).length;
  const isSummed = all.some(({ many }) => many);
  const notes = [
    ...truncation(truncated, rows.length),
    ...(isSummed ? [t`Rows with the same ${labelOfColumn(columns, label)} are summed.`] : []),
    ...rateNotes(isSummed ? [value] : [], columns),
    ...mixedNotes(rows, columns, [label]),
    ...leftOut(empty, value),
  ];
  return { option, seen, notes, pick: (params) => seen.rows[rowIndexOf(params) ?? -1] };
}

/** The names are beside the pie if there is room, else in a legend below it, else only in the tooltip. */
function pieMedia(donut: boolean): ChartOption[] {
  const pie = (center: [string, string], size: number) => [
    { center, radius: donut ? [`${Math.round(size * 0.62)}%`, `${size}%`] : `${size}%` },
  ];
  return [
    {
      option: {
        legend: { show: true, orient: "vertical", left: "auto", right: 0, top: "middle", bottom: "auto" },
        series: pie(["34%", "50%"], 82),
      },
    },
    {
      query: { maxAspectRatio: 1.25 },
      option: {
        legend: { show: true, orient: "horizontal", left: "center", right: "auto", top: "auto", bottom: 0 },
        series: pie(["50%", "41%"], 72),
      },
    },
    { query: { maxAspectRatio: 1.25, maxWidth: 300 }, option: { series: pie(["50%", "36%"], 60) } },
    {
      query: { maxWidth: 280, maxHeight: 220 },
      option: { legend: { show: false }, series: pie(["50%", "50%"], 86) },
    },
  ];
}
