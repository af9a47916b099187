import { t } from "@lingui/core/macro";
import type { JsonObject } from "@/lib/api/model";
import type { Row } from "@/lib/cells";
import { asDate, asNumber, formatFigure, formatTick, type FigureStyle } from "@/lib/figures";
import { isOn, marksOf, styleOf, textOf, type Mark } from "../config";
import { categoryText, common, TINY, type ChartOption, type Missing } from "./shared";

/** Whether every value that is there is a moment: then the axis is one of time. */
export function isTimeline(rows: readonly Row[], field: string): boolean {
  const values = rows.map((row) => row[field]).filter((value) => value !== null && value !== undefined);
  return values.length > 1 && values.every((value) => asDate(value) !== null);
}

interface Frame {
  x: string;
  marks: Mark[];
  time: boolean;
  stack: "none" | "normal" | "percent";
  style: FigureStyle;
}

function frameOf(config: JsonObject, rows: readonly Row[], timeline: boolean): Frame | Missing {
  const x = textOf(config, "x");
  const marks = marksOf(config, "series");
  if (!x) return { missing: t`Choose the column of the axis.` };
  if (marks.length === 0) return { missing: t`Choose at least one series.` };
  const stack = config["stack"] === "percent" || config["stack"] === "normal" ? config["stack"] : "none";
  return { x, marks, time: timeline && isTimeline(rows, x), stack, style: styleOf(config) };
}

/** What each row gives a series: its value, or its share of the row where shares are stacked. */
function valuesOf({ marks, stack }: Frame, field: string, rows: readonly Row[]): (number | null)[] {
  if (stack !== "percent") return rows.map((row) => asNumber(row[field]));
  return rows.map((row) => {
    const sum = marks.reduce((total, mark) => total + Math.abs(asNumber(row[mark.field]) ?? 0), 0);
    const value = asNumber(row[field]);
    return value === null || sum === 0 ? null : value / sum;
  });
}

function seriesData(frame: Frame, field: string, rows: readonly Row[]): unknown[] {
  const values = valuesOf(frame, field, rows);
  if (!frame.time) return values;
  const points = rows.flatMap((row, index) => {
    const at = asDate(row[frame.x])?.getTime();
    return at === undefined ? [] : [[at, values[index] ?? null] as const];
  });
  return points.sort(([a], [b]) => a - b);
}

const legend = (names: string[]) => (names.length > 1 ? { type: "scroll", top: 0, left: 0, itemGap: 12, data: names } : { show: false });

interface Drawing {
  horizontal?: boolean;
  /** The axis fits the values instead of beginning at zero. */
  fitted?: boolean;
  series: (mark: Mark) => ChartOption;
}

function cartesian(rows: readonly Row[], frame: Frame, { horizontal = false, fitted = false, series }: Drawing): ChartOption {
  const { marks, stack } = frame;
  const style: FigureStyle = stack === "percent" ? { format: "percent" } : frame.style;
  const shown = (value: unknown) => formatFigure(typeof value === "number" ? value : null, style);
  const categories = frame.time ? { type: "time", axisLabel: { formatter: { day: "{d} {MMM}" } } } : { type: "category", data: rows.map((row) => categoryText(row[frame.x])), ...(horizontal ? { inverse: true } : {}) };
  const values = { type: "value", splitNumber: horizontal ? 2 : 5, scale: fitted, ...(stack === "percent" ? { max: 1 } : {}), axisLabel: { formatter: (value: number) => formatTick(value, style) } };
  return {
    ...common,
    grid: { left: 4, right: 12, top: marks.length > 1 ? 34 : 10, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: legend(marks.map(({ label }) => label)),
    tooltip: { trigger: "axis", confine: true, valueFormatter: shown },
    xAxis: horizontal ? values : categories,
    yAxis: horizontal ? categories : values,
    series: marks.map((mark) => ({ name: mark.label, data: seriesData(frame, mark.field, rows), ...(stack === "none" ? {} : { stack: "all" }), ...series(mark) })),
    // In a small tile the axis says less than the room it takes.
    media: [{ query: { maxWidth: 220 }, option: { legend: { show: false }, grid: { top: 8 } } }, { query: TINY, option: { legend: { show: false }, grid: { top: 4 }, xAxis: { axisLabel: { show: false } }, yAxis: { axisLabel: { show: false }, splitLine: { show: false } } } }],
  };
}

/** Bars stand side by side by category, in the order of the rows. */
export function barOption(config: JsonObject, rows: readonly Row[]): ChartOption | Missing {
  const frame = frameOf(config, rows, false);
  if ("missing" in frame) return frame;
  const horizontal = isOn(config, "horizontal");
  const style: FigureStyle = frame.stack === "percent" ? { format: "percent" } : frame.style;
  const label = isOn(config, "labels") ? { label: { show: true, position: frame.stack === "none" ? (horizontal ? "right" : "top") : "inside", formatter: ({ value }: { value?: unknown }) => (typeof value === "number" ? formatTick(value, style) : "") }, labelLayout: { hideOverlap: true } } : {};
  return cartesian(rows, frame, { horizontal, series: () => ({ type: "bar", barMaxWidth: 40, large: rows.length > 2000, ...label }) });
}

const lineSeries = (config: JsonObject, rows: readonly Row[]): ChartOption => ({ type: "line", showSymbol: rows.length <= 40, sampling: "lttb", connectNulls: false, ...(isOn(config, "smooth") ? { smooth: 0.3, smoothMonotone: "x" } : {}) });

/** Lines run over time where the axis holds moments, else from category to category. Their axis fits the values. */
export function lineOption(config: JsonObject, rows: readonly Row[]): ChartOption | Missing {
  const frame = frameOf(config, rows, true);
  if ("missing" in frame) return frame;
  return cartesian(rows, { ...frame, stack: "none" }, { fitted: !isOn(config, "fromZero"), series: () => lineSeries(config, rows) });
}

/** Lines that are filled down to zero, or to the one below. */
export function areaOption(config: JsonObject, rows: readonly Row[]): ChartOption | Missing {
  const frame = frameOf(config, rows, true);
  if ("missing" in frame) return frame;
  const opacity = frame.stack === "none" ? 0.16 : 0.55;
  return cartesian(rows, frame, { series: () => ({ ...lineSeries(config, rows), areaStyle: { opacity } }) });
}
