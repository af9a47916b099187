import type { JsonObject } from "@/lib/api/model";
import type { Row } from "@/lib/cells";
import { asDate, asNumber, formatFigure, formatTick } from "@/lib/figures";
import { marksOf, styleOf, textOf, type Mark } from "./config";

/** What a chart cannot do without. */
export type Missing = { missing: string };
export type ChartOption = Record<string, unknown>;

/** As many as there are colours. */
const MAX_SLICES = 8;

export const isMissing = (option: ChartOption | Missing): option is Missing => "missing" in option;

/** Whether every value that is there is a moment: then the axis is one of time. */
export function isTimeline(rows: readonly Row[], field: string): boolean {
  const values = rows.map((row) => row[field]).filter((value) => value !== null && value !== undefined);
  return values.length > 1 && values.every((value) => asDate(value) !== null);
}

function categoryText(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return asDate(value) ? formatFigure(value, { format: "date" }) : formatFigure(value);
}

interface Frame {
  x: string;
  marks: Mark[];
  time: boolean;
}

function frameOf(config: JsonObject, rows: readonly Row[], timeline: boolean): Frame | Missing {
  const x = textOf(config, "x");
  const marks = marksOf(config, "series");
  if (!x) return { missing: "Choose the column of the axis." };
  if (marks.length === 0) return { missing: "Choose at least one series." };
  return { x, marks, time: timeline && isTimeline(rows, x) };
}

function seriesData({ x, time }: Frame, field: string, rows: readonly Row[]): unknown[] {
  if (!time) return rows.map((row) => asNumber(row[field]));
  const points = rows.flatMap((row) => {
    const at = asDate(row[x])?.getTime();
    return at === undefined ? [] : [[at, asNumber(row[field])] as const];
  });
  return points.sort(([a], [b]) => a - b);
}

const legend = (names: string[]) => (names.length > 1 ? { type: "scroll", top: 0, left: 0, itemGap: 12, data: names } : { show: false });

function cartesian(config: JsonObject, rows: readonly Row[], frame: Frame, series: (mark: Mark) => ChartOption, { horizontal = false, fitted = false } = {}): ChartOption {
  const style = styleOf(config);
  const shown = (value: unknown) => formatFigure(typeof value === "number" ? value : null, style);
  const categories = frame.time ? { type: "time", axisLabel: { formatter: { day: "{d} {MMM}" } } } : { type: "category", data: rows.map((row) => categoryText(row[frame.x])), ...(horizontal ? { inverse: true } : {}) };
  const values = { type: "value", splitNumber: horizontal ? 2 : 5, scale: fitted, axisLabel: { formatter: (value: number) => formatTick(value, style) } };
  return {
    animationDuration: 300,
    aria: { enabled: true },
    grid: { left: 4, right: 12, top: frame.marks.length > 1 ? 34 : 10, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: legend(frame.marks.map(({ label }) => label)),
    tooltip: { trigger: "axis", confine: true, valueFormatter: (value: unknown) => shown(value) },
    xAxis: horizontal ? values : categories,
    yAxis: horizontal ? categories : values,
    series: frame.marks.map((mark) => ({ name: mark.label, data: seriesData(frame, mark.field, rows), ...(config["stacked"] === true ? { stack: "all" } : {}), ...series(mark) })),
  };
}

/** Bars stand side by side by category, in the order of the rows. */
export function barOption(config: JsonObject, rows: readonly Row[]): ChartOption | Missing {
  const frame = frameOf(config, rows, false);
  if ("missing" in frame) return frame;
  return cartesian(config, rows, frame, () => ({ type: "bar", barMaxWidth: 40, large: rows.length > 2000 }), { horizontal: config["horizontal"] === true });
}

/** Lines run over time where the axis holds moments, else from category to category. What is not filled down to zero fits its axis to the values. */
export function lineOption(config: JsonObject, rows: readonly Row[]): ChartOption | Missing {
  const frame = frameOf(config, rows, true);
  if ("missing" in frame) return frame;
  const stacked = config["stacked"] === true;
  const area = stacked ? { areaStyle: { opacity: 0.25 } } : {};
  return cartesian(config, rows, frame, () => ({ type: "line", showSymbol: rows.length <= 40, sampling: "lttb", connectNulls: false, ...area }), { fitted: !stacked });
}

/** Shares, the largest first; the many small ones together as the last. */
export function pieSlices(rows: readonly Row[], label: string, value: string): { name: string; value: number }[] {
  const slices = rows.map((row) => ({ name: categoryText(row[label]), value: asNumber(row[value]) ?? 0 })).filter((slice) => slice.value > 0);
  slices.sort((a, b) => b.value - a.value);
  if (slices.length <= MAX_SLICES) return slices;
  const rest = slices.slice(MAX_SLICES - 1);
  return [...slices.slice(0, MAX_SLICES - 1), { name: `Other (${rest.length})`, value: rest.reduce((sum, slice) => sum + slice.value, 0) }];
}

export function pieOption(config: JsonObject, rows: readonly Row[]): ChartOption | Missing {
  const label = textOf(config, "label");
  const value = textOf(config, "value");
  if (!label) return { missing: "Choose the column that names each share." };
  if (!value) return { missing: "Choose the column with the size of each share." };
  const style = styleOf(config);
  const data = pieSlices(rows, label, value);
  return {
    animationDuration: 300,
    aria: { enabled: true },
    // They are few: all of them are seen without paging.
    legend: { type: "plain", data: data.map(({ name }) => name) },
    tooltip: { trigger: "item", confine: true, formatter: ({ marker = "", name = "", value: size = 0, percent = 0 }: Record<string, string | number>) => `${marker}${escapeHtml(String(name))}&ensp;<b>${escapeHtml(formatFigure(size, style))}</b>&ensp;${percent} %` },
    series: [{ type: "pie", label: { show: false }, emphasis: { scaleSize: 4 }, data }],
    media: pieMedia(config["donut"] === true),
  };
}

/** The names stand beside the pie where there is room, else in lines below it, else they are left to the tooltip. */
function pieMedia(donut: boolean): ChartOption[] {
  const pie = (center: [string, string], size: number) => [{ center, radius: donut ? [`${Math.round(size * 0.62)}%`, `${size}%`] : `${size}%` }];
  return [
    { option: { legend: { show: true, orient: "vertical", left: "auto", right: 0, top: "middle", bottom: "auto" }, series: pie(["34%", "50%"], 82) } },
    { query: { maxAspectRatio: 1.25 }, option: { legend: { show: true, orient: "horizontal", left: "center", right: "auto", top: "auto", bottom: 0 }, series: pie(["50%", "41%"], 72) } },
    { query: { maxAspectRatio: 1.25, maxWidth: 300 }, option: { series: pie(["50%", "36%"], 60) } },
    { query: { maxWidth: 280, maxHeight: 220 }, option: { legend: { show: false }, series: pie(["50%", "50%"], 86) } },
  ];
}

/** The tooltip is HTML, and what a database says is not. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
