import { t } from "@lingui/core/macro";
import type { Column, JsonObject } from "@/lib/api/model";
import { sumOf } from "@/lib/format/decimals";
import { formatFigure, formatTick, type FigureStyle } from "@/lib/format/figures";
import { categoriesOf, groupsOf, mergeRows, type Categories, type Group } from "@/lib/rows/categories";
import type { Row } from "@/lib/rows/cells";
import { axisLabels } from "@/lib/series/labels";
import { isOn, styleOf, textOf } from "../../config";
import type { Ink } from "../chart-theme";
import {
  common,
  leftOut,
  rowIndexOf,
  seenColumns,
  TINY,
  tooltipHtml,
  withoutNumbers,
  type Drawing,
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

/** Returns one cell for each pair of categories; values of the same pair are summed. */
export function heatmapCells(
  rows: readonly Row[],
  [x, y, value]: readonly [string, string, string],
  columns: readonly Column[] = [],
): Cells {
  const [horizontal, vertical] = [categoriesOf(rows, x, columns), categoriesOf(rows, y, columns)];
  const [across, down] = [groupsOf(rows, x, horizontal), groupsOf(rows, y, vertical)];
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
  ink: Ink,
): Drawing | Missing {
  const names = [textOf(config, "x"), textOf(config, "y"), textOf(config, "value")] as const;
  if (!names[0] || !names[1]) return { missing: t`Select the columns for both axes.` };
  if (!names[2]) return { missing: t`Select the value column.` };
  const mute = withoutNumbers(rows, names[2]);
  if (mute) return mute;
  const found = heatmapCells(rows, names, columns);
  const seen = { columns: seenColumns(config, ["x", "y"], ["value"], columns), rows: found.drawn };
  const empty = rows.filter((row) => sumOf([row[names[2]]]) === null).length;
  const notes = [
    ...(found.merged > 0 ? [t`Rows with the same pair of values are summed.`] : []),
    ...leftOut(empty, names[2]),
  ];
  return {
    option: optionOf(config, found, ink, styleOf(config, names[2], columns)),
    seen,
    notes,
    pick: (params) => seen.rows[rowIndexOf(params) ?? -1],
  };
}

/** What small widgets show. */
const MEDIA = [
  { query: { maxHeight: 150 }, option: { visualMap: { show: false }, grid: { bottom: 4 } } },
  {
    query: TINY,
    option: { xAxis: { axisLabel: { show: false } }, yAxis: { axisLabel: { show: false } } },
  },
];

function optionOf(config: JsonObject, { across, down, cells }: Cells, ink: Ink, style: FigureStyle) {
  const amounts = cells.map(({ value }) => value[2]);
  // Not spread: there may be more values than a call can take arguments.
  const [least, most] = [
    amounts.reduce((a, b) => Math.min(a, b), 0),
    amounts.reduce((a, b) => Math.max(a, b), 0),
  ];
  const categories = (data: string[]) => ({
    type: "category",
    data,
    splitArea: { show: false },
    axisLine: { show: false },
  });
  return {
    ...common,
    grid: { left: 4, right: 4, top: 6, bottom: 34, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    tooltip: {
      trigger: "item",
      confine: true,
      formatter: ({ marker = "", data }: { marker?: string; data: Cell }) =>
        tooltipHtml(marker, `${across[data.value[0]]} · ${down[data.value[1]]}`, [
          ["", formatFigure(data.exact, style)],
        ]),
    },
    xAxis: categories(across),
    yAxis: { ...categories(down), inverse: true },
    visualMap: {
      min: least,
      max: most === least ? least + 1 : most,
      calculable: false,
      orient: "horizontal",
      left: "center",
      bottom: 0,
      itemWidth: 10,
      itemHeight: 120,
      textStyle: { color: ink.muted, fontSize: 12 },
      text: [formatTick(most, style), formatTick(least, style)],
      inRange: { color: [...ink.ramp] },
    },
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
    media: MEDIA,
  };
}
