import { t } from "@lingui/core/macro";
import type { JsonObject } from "@/lib/api/model";
import type { Row } from "@/lib/cells";
import { asDate, asNumber, formatFigure, formatTick } from "@/lib/figures";
import { styleOf, textOf } from "../config";
import { bubbleSize, categoryText, common, distinct, largestOf, TINY, tooltipHtml, type ChartOption, type Missing } from "./shared";

const MAX_GROUPS = 8;
const BUBBLE = [6, 38] as const;

interface Point {
  value: [number, number, number | null];
  name: string;
  row: number;
}

const coordinate = (value: unknown, time: boolean) => (time ? (asDate(value)?.getTime() ?? null) : asNumber(value));

/** A point for each row with both coordinates; many values of the group beyond the eighth are drawn together. */
export function scatterOption(config: JsonObject, rows: readonly Row[]): ChartOption | Missing {
  const [x, y, size, group, label] = ["x", "y", "size", "group", "label"].map((name) => textOf(config, name)) as [string, string, string, string, string];
  if (!x) return { missing: t`Choose the column of the horizontal axis.` };
  if (!y) return { missing: t`Choose the column of the vertical axis.` };
  const style = styleOf(config);
  const time = rows.some((row) => row[x] !== null && row[x] !== undefined) && rows.every((row) => row[x] === null || row[x] === undefined || asDate(row[x]) !== null);
  const named = group ? distinct(rows, group) : [];
  const names = named.length > MAX_GROUPS ? [...named.slice(0, MAX_GROUPS - 1), t`Other`] : named.length ? named : [y];
  const points = new Map<string, Point[]>(names.map((name) => [name, []]));
  rows.forEach((row, index) => {
    const [across, up] = [coordinate(row[x], time), asNumber(row[y])];
    if (across === null || up === null) return;
    const own = group ? categoryText(row[group]) : y;
    (points.get(own) ?? points.get("Other"))?.push({ value: [across, up, size ? asNumber(row[size]) : null], name: label ? categoryText(row[label]) : group ? own : "", row: index });
  });
  const largest = size ? largestOf(rows.map((row) => asNumber(row[size]))) : 0;
  const written = (value: number) => (time ? formatFigure(value, { format: "datetime" }) : formatFigure(value));
  return {
    ...common,
    grid: { left: 4, right: 16, top: names.length > 1 ? 52 : 26, bottom: 22, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: names.length > 1 ? { type: "scroll", top: 0, left: 0, itemGap: 12, data: names } : { show: false },
    tooltip: {
      trigger: "item",
      confine: true,
      formatter: ({ marker = "", data }: { marker?: string; data: Point }) =>
        tooltipHtml(marker, data.name, [[x, written(data.value[0])], [y, formatFigure(data.value[1], style)], ...(size ? [[size, formatFigure(data.value[2])] as const] : [])]),
    },
    xAxis: { type: time ? "time" : "value", scale: true, name: x, nameLocation: "middle", nameGap: 24, ...(time ? {} : { axisLabel: { formatter: (value: number) => formatTick(value) } }) },
    yAxis: { type: "value", scale: true, name: y, nameLocation: "end", nameGap: 10, nameTextStyle: { align: "left" }, axisLabel: { formatter: (value: number) => formatTick(value, style) } },
    series: names.map((name) => ({
      type: "scatter",
      name,
      data: points.get(name),
      symbolSize: size ? ([, , value]: [number, number, number | null]) => bubbleSize(value, largest, BUBBLE) : 9,
      itemStyle: { opacity: size ? 0.7 : 0.8 },
      large: rows.length > 3000 && !size,
    })),
    media: [{ query: { maxWidth: 220 }, option: { legend: { show: false }, xAxis: { name: "" }, yAxis: { name: "" }, grid: { top: 8, bottom: 4 } } }, { query: TINY, option: { legend: { show: false }, grid: { top: 4, bottom: 4 }, xAxis: { name: "", axisLabel: { show: false } }, yAxis: { name: "", axisLabel: { show: false } }, series: names.map(() => ({ symbolSize: 5 })) } }],
  };
}
