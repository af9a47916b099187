import { t } from "@lingui/core/macro";
import type { Column, JsonObject } from "@/lib/api/model";
import { compareNumbers, sumOf } from "@/lib/format/decimals";
import { asNumber, formatFigure, formatTick, type FigureStyle } from "@/lib/format/figures";
import { categoriesOf, groupsOf, mergeRows, type Categories, type Group } from "@/lib/rows/categories";
import { compareValues, type Row } from "@/lib/rows/cells";
import { axisLabels } from "@/lib/series/labels";
import { isOn, styleOf, textOf } from "../../config";
import { colorOfSetting, hexOf, mix } from "../chart-colors";
import { belowMedia, besideMedia, categoryLabels } from "./axes";
import { legendSetting, type LegendPlace } from "./legend";
import { leftOut, mixedNotes, rangeNotes, truncation } from "./notices/notices";
import {
  common,
  extentOf,
  plainContext,
  rowIndexOf,
  seenColumns,
  TINY,
  tooltipHtml,
  withoutNumbers,
  type ChartOption,
  type Drawing,
  type DrawingContext,
  type Missing,
} from "./shared";

interface Cell {
  value: [number, number, number];
  exact: number | string;
  /** Its row among the shown ones. */
  row: number;
}

interface Cells {
  across: string[];
  down: string[];
  cells: Cell[];
  drawn: Row[];
  /** The number of cells that represent several rows. */
  merged: number;
}

const labelsOf = (groups: readonly Group[], { labelOf }: Categories): string[] =>
  axisLabels(
    groups.map(({ value }) => value),
    labelOf,
  ).map(({ label }) => label);

/** Returns categories in the configured order: that of the rows, of the categories themselves, or of their totals. */
function inOrder(groups: readonly Group[], order: unknown, { kind }: Categories, value: string): Group[] {
  if (order === "axis") {
    const compare = compareValues(kind);
    return [...groups].sort((a, b) => compare(a.value, b.value));
  }
  if (order !== "largest" && order !== "smallest") return [...groups];
  const sign = order === "largest" ? -1 : 1;
  return groups
    .map((group) => ({ group, total: sumOf(group.rows.map((row) => row[value])) ?? 0 }))
    .sort((a, b) => sign * compareNumbers(a.total, b.total))
    .map(({ group }) => group);
}

/** Returns one cell for each pair of categories; values of the same pair are summed. */
export function heatmapCells(
  rows: readonly Row[],
  [x, y, value]: readonly [string, string, string],
  columns: readonly Column[] = [],
  config: JsonObject = {},
): Cells {
  const [horizontal, vertical] = [categoriesOf(rows, x, columns), categoriesOf(rows, y, columns)];
  const [across, down] = [
    inOrder(groupsOf(rows, x, horizontal), config["xOrder"], horizontal, value),
    inOrder(groupsOf(rows, y, vertical), config["yOrder"], vertical, value),
  ];
  const [columnOf, lineOf] = [
    new Map(across.map(({ key }, index) => [key, index])),
    new Map(down.map(({ key }, index) => [key, index])),
  ];
  const pairs = new Map<string, { at: [number, number]; rows: Row[] }>();
  for (const row of rows) {
    const at: [number, number] = [
      columnOf.get(horizontal.keyOf(row[x])) ?? 0,
      lineOf.get(vertical.keyOf(row[y])) ?? 0,
    ];
    const known = pairs.get(at.join());
    if (known) known.rows.push(row);
    else pairs.set(at.join(), { at, rows: [row] });
  }
  const found: Cells = {
    across: labelsOf(across, horizontal),
    down: labelsOf(down, vertical),
    cells: [],
    drawn: [],
    merged: 0,
  };
  for (const { at, rows: own } of pairs.values()) {
    const exact = sumOf(own.map((row) => row[value]));
    if (exact === null) continue;
    if (own.length > 1) found.merged += 1;
    found.cells.push({ value: [...at, Number(exact)], exact, row: found.drawn.length });
    found.drawn.push(mergeRows(own, { [x]: own[0]?.[x] ?? null, [y]: own[0]?.[y] ?? null, [value]: exact }));
  }
  return found;
}

export function heatmapDrawing(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[],
  context: DrawingContext = plainContext,
): Drawing | Missing {
  const names = [textOf(config, "x"), textOf(config, "y"), textOf(config, "value")] as const;
  if (!names[0] || !names[1]) return { missing: t`Select the columns for both axes.` };
  if (!names[2]) return { missing: t`Select the value column.` };
  const mute = withoutNumbers(rows, names[2]);
  if (mute) return mute;
  const found = heatmapCells(rows, names, columns, config);
  const seen = { columns: seenColumns(config, ["x", "y"], ["value"], columns), rows: found.drawn };
  const empty = rows.filter((row) => sumOf([row[names[2]]]) === null).length;
  const amounts = found.cells.map(({ value }) => value[2]);
  const notes = [
    ...truncation(context.truncated, rows.length),
    ...(found.merged > 0 ? [t`Rows with the same pair of values are summed.`] : []),
    ...mixedNotes(rows, columns, names, found.merged > 0),
    ...rangeNotes(amounts, [asNumber(config["colorMin"]), asNumber(config["colorMax"])]),
    ...leftOut(empty, names[2]),
  ];
  return {
    option: optionOf(config, found, context, styleOf(config, names[2], columns)),
    seen,
    notes,
    pick: (params) => seen.rows[rowIndexOf(params) ?? -1],
  };
}

/** What small widgets show. */
const MEDIA = [
  {
    query: { maxHeight: 150 },
    option: { visualMap: { show: false }, grid: { top: 6, right: 4, bottom: 4 } },
  },
  {
    query: TINY,
    option: {
      xAxis: { name: "", axisLabel: { show: false } },
      yAxis: { name: "", axisLabel: { show: false } },
    },
  },
];

/** Returns the ends of the colors: configured, or from zero to the farthest values. */
function endsOf(config: JsonObject, cells: readonly Cell[]): [least: number, most: number] {
  const [lowest, highest] = extentOf([0, ...cells.map(({ value }) => value[2])]);
  const [min, max] = [asNumber(config["colorMin"]) ?? lowest, asNumber(config["colorMax"]) ?? highest];
  return [min, max > min ? max : min + 1];
}

/** How much of the page is in the colors of the smallest to the largest values. */
const FADING = [0.9, 0.7, 0.48, 0.24, 0];

function rampOf(config: JsonObject, context: DrawingContext): string[] {
  const color = colorOfSetting(config["color"]);
  if (!color) return [...context.ink.ramp];
  const hex = hexOf(color, context);
  return FADING.map((share) => mix(hex, context.ink.page, share));
}

/** The room of the legend, in pixels. */
const LEGEND = 34;
const BESIDE = 64;

const LEGENDS: Record<Exclude<LegendPlace, "hidden">, ChartOption> = {
  bottom: { orient: "horizontal", left: "center", bottom: 0 },
  top: { orient: "horizontal", left: "center", top: 0 },
  right: { orient: "vertical", right: 0, top: "middle" },
};

/** Returns the legend: from the color of the smallest values to that of the largest. */
function legendOf(config: JsonObject, cells: readonly Cell[], context: DrawingContext, style: FigureStyle) {
  const [least, most] = endsOf(config, cells);
  const place = legendSetting(config) ?? "bottom";
  return {
    show: place !== "hidden",
    min: least,
    max: most,
    calculable: false,
    ...(place === "hidden" ? {} : LEGENDS[place]),
    itemWidth: 10,
    itemHeight: 120,
    textStyle: { color: context.ink.muted, fontSize: 12 },
    text: [formatTick(most, style), formatTick(least, style)],
    inRange: { color: rampOf(config, context) },
  };
}

/** The distance of an axis title from the labels, in pixels. */
const [BELOW, ASIDE] = [26, 12];

const categories = (data: string[], name: string, nameGap: number) => ({
  type: "category",
  data,
  axisLabel: categoryLabels(data),
  splitArea: { show: false },
  axisLine: { show: false },
  ...(name ? { name, nameLocation: "middle", nameGap, nameMoveOverlap: true } : {}),
});

function optionOf(
  config: JsonObject,
  { across, down, cells }: Cells,
  context: DrawingContext,
  style: FigureStyle,
) {
  const { ink } = context;
  const place = legendSetting(config) ?? "bottom";
  const [xTitle, yTitle] = [textOf(config, "xTitle"), textOf(config, "yTitle")];
  return {
    ...common,
    grid: {
      left: 4,
      right: place === "right" ? BESIDE : 4,
      top: place === "top" ? LEGEND : 6,
      bottom: place === "bottom" ? LEGEND : 4,
      outerBoundsMode: "same",
      outerBoundsContain: xTitle || yTitle ? "all" : "axisLabel",
    },
    tooltip: {
      trigger: "item",
      confine: true,
      formatter: ({ marker = "", data }: { marker?: string; data: Cell }) =>
        tooltipHtml(marker, `${across[data.value[0]]} · ${down[data.value[1]]}`, [
          ["", formatFigure(data.exact, style)],
        ]),
    },
    xAxis: categories(across, xTitle, BELOW),
    yAxis: { ...categories(down, yTitle, ASIDE), inverse: true },
    visualMap: legendOf(config, cells, context, style),
    series: [
      {
        type: "heatmap",
        data: cells,
        itemStyle: { borderColor: ink.page, borderWidth: 1, borderRadius: 2 },
        label: {
          show: isOn(config, "labels"),
          fontSize: 11,
          formatter: ({ data }: { data: Cell }) => formatTick(data.value[2], style),
        },
        emphasis: { itemStyle: { borderColor: ink.text } },
      },
    ],
    media: [...belowMedia(across), ...besideMedia(down), ...MEDIA],
  };
}
