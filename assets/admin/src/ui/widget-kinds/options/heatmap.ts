import { t } from "@lingui/core/macro";
import type { JsonObject } from "@/lib/api/model";
import type { Row } from "@/lib/cells";
import { asNumber, formatFigure, formatTick } from "@/lib/figures";
import type { Ink } from "../chart-theme";
import { isOn, styleOf, textOf } from "../config";
import { categoryText, common, distinct, TINY, tooltipHtml, type ChartOption, type Missing } from "./shared";

interface Cell {
  value: [number, number, number];
  row: number;
}

/** One cell for each pair of categories; amounts of the same pair are added up. */
export function heatmapCells(rows: readonly Row[], [x, y, value]: readonly [string, string, string]): { across: string[]; down: string[]; cells: Cell[] } {
  const [across, down] = [distinct(rows, x), distinct(rows, y)];
  const [columnOf, lineOf] = [new Map(across.map((name, index) => [name, index])), new Map(down.map((name, index) => [name, index]))];
  const cells = new Map<string, Cell>();
  rows.forEach((row, index) => {
    const amount = asNumber(row[value]);
    const [column, line] = [columnOf.get(categoryText(row[x])) ?? 0, lineOf.get(categoryText(row[y])) ?? 0];
    if (amount === null) return;
    const known = cells.get(`${column} ${line}`);
    if (known) known.value[2] += amount;
    else cells.set(`${column} ${line}`, { value: [column, line, amount], row: index });
  });
  return { across, down, cells: [...cells.values()] };
}

export function heatmapOption(config: JsonObject, rows: readonly Row[], ink: Ink): ChartOption | Missing {
  const names = [textOf(config, "x"), textOf(config, "y"), textOf(config, "value")] as const;
  if (!names[0] || !names[1]) return { missing: t`Choose the columns of both categories.` };
  if (!names[2]) return { missing: t`Choose the column with the amounts.` };
  const style = styleOf(config);
  const { across, down, cells } = heatmapCells(rows, names);
  const amounts = cells.map(({ value }) => value[2]);
  // Not spread: there may be more than a call takes arguments.
  const [least, most] = [amounts.reduce((a, b) => Math.min(a, b), 0), amounts.reduce((a, b) => Math.max(a, b), 0)];
  const categories = (data: string[]) => ({ type: "category", data, splitArea: { show: false }, axisLine: { show: false } });
  return {
    ...common,
    grid: { left: 4, right: 4, top: 6, bottom: 34, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    tooltip: { trigger: "item", confine: true, formatter: ({ marker = "", data }: { marker?: string; data: Cell }) => tooltipHtml(marker, `${across[data.value[0]]} · ${down[data.value[1]]}`, [["", formatFigure(data.value[2], style)]]) },
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
    series: [{ type: "heatmap", data: cells, itemStyle: { borderColor: ink.page, borderWidth: 1, borderRadius: 2 }, label: { show: isOn(config, "labels"), fontSize: 11, formatter: ({ data }: { data: Cell }) => formatTick(data.value[2], style) }, emphasis: { itemStyle: { borderColor: ink.text } } }],
    media: [{ query: { maxHeight: 150 }, option: { visualMap: { show: false }, grid: { bottom: 4 } } }, { query: TINY, option: { xAxis: { axisLabel: { show: false } }, yAxis: { axisLabel: { show: false } } } }],
  };
}
