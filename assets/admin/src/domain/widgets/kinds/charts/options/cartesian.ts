import type { Column, JsonObject } from "@/lib/api/model";
import { addNumbers } from "@/lib/format/decimals";
import { asDate, formatFigure, formatTick, type FigureStyle } from "@/lib/format/figures";
import type { Row } from "@/lib/rows/cells";
import { isOn } from "../../config";
import { plotOf, type Plot } from "./plot";
import { common, TINY, tooltipHtml, type ChartOption, type Drawing, type Missing } from "./shared";

/** Returns a series' value per category, or its share where shares are stacked. */
function amountsOf({ series, categories, stack }: Plot, index: number): (number | null)[] {
  const values = (series[index]?.values ?? []).map((value) => (value === null ? null : Number(value)));
  if (stack !== "percent") return values;
  const sums = categories.map((_, at) =>
    Number(series.reduce<number | string>((sum, { values: all }) => addNumbers(sum, all[at] ?? 0), 0)),
  );
  return values.map((value, at) => (value === null || !sums[at] ? null : value / sums[at]));
}

function seriesData(plot: Plot, index: number): unknown[] {
  const amounts = amountsOf(plot, index);
  if (!plot.time) return amounts;
  const points = plot.categories.map(
    ({ value }, at) => [asDate(value)?.getTime() ?? 0, amounts[at] ?? null] as const,
  );
  return points.sort(([a], [b]) => a - b);
}

/** The text of one series in a tooltip. */
interface Pointed {
  marker?: string;
  name?: string;
  seriesIndex?: number;
  dataIndex?: number;
  axisValueLabel?: string;
  value?: unknown;
}

/**
 * Returns the tooltip: exact values below their category. On a time axis the points are in another order than the rows.
 */
function tooltipOf(plot: Plot, style: FigureStyle): (pointed: Pointed | readonly Pointed[]) => string {
  const moments = plot.time
    ? [...plot.categories.keys()].sort(
        (a, b) =>
          (asDate(plot.categories[a]?.value)?.getTime() ?? 0) -
          (asDate(plot.categories[b]?.value)?.getTime() ?? 0),
      )
    : null;
  return (pointed) => {
    const all = Array.isArray(pointed) ? (pointed as readonly Pointed[]) : [pointed as Pointed];
    const category = (one: Pointed | undefined) =>
      (moments ? moments[one?.dataIndex ?? 0] : one?.dataIndex) ?? 0;
    const lines = all.map((one) => {
      const series = plot.series[one.seriesIndex ?? 0];
      const amount = Array.isArray(one.value) ? (one.value as unknown[])[1] : one.value;
      return [
        series?.name ?? "",
        plot.stack === "percent"
          ? formatFigure(amount, style)
          : formatFigure(series?.values[category(one)], style),
      ] as const;
    });
    return tooltipHtml("", plot.categories[category(all[0])]?.label ?? "", lines);
  };
}

const legend = (names: string[]) =>
  names.length > 1 ? { type: "scroll", top: 0, left: 0, itemGap: 12, data: names } : { show: false };

interface Shape {
  horizontal?: boolean;
  /** The axis fits the values instead of starting at zero. */
  fitted?: boolean;
  series: ChartOption;
}

function cartesian(plot: Plot, { horizontal = false, fitted = false, series: shape }: Shape): Drawing {
  const { series, stack, categories: drawn } = plot;
  const style: FigureStyle = stack === "percent" ? { format: "percent" } : plot.style;
  const categories = plot.time
    ? { type: "time", axisLabel: { formatter: { day: "{d} {MMM}" } } }
    : { type: "category", data: drawn.map(({ label }) => label), ...(horizontal ? { inverse: true } : {}) };
  const values = {
    type: "value",
    splitNumber: horizontal ? 2 : 5,
    scale: fitted,
    ...(stack === "percent" ? { max: 1 } : {}),
    axisLabel: { formatter: (value: number) => formatTick(value, style) },
  };
  const option = {
    ...common,
    grid: {
      left: 4,
      right: 12,
      top: series.length > 1 ? 34 : 10,
      bottom: 4,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    legend: legend(series.map(({ name }) => name)),
    tooltip: { trigger: "axis", confine: true, formatter: tooltipOf(plot, style) },
    xAxis: horizontal ? values : categories,
    yAxis: horizontal ? categories : values,
    series: series.map(({ name }, index) => ({
      name,
      data: seriesData(plot, index),
      ...(stack === "none" ? {} : { stack: "all" }),
      ...shape,
    })),
    // In a small tile the axis labels would take more room than they are worth.
    media: [
      { query: { maxWidth: 220 }, option: { legend: { show: false }, grid: { top: 8 } } },
      {
        query: TINY,
        option: {
          legend: { show: false },
          grid: { top: 4 },
          xAxis: { axisLabel: { show: false } },
          yAxis: { axisLabel: { show: false }, splitLine: { show: false } },
        },
      },
    ],
  };
  const pick = (params: unknown) => {
    const { dataIndex, seriesIndex = 0 } = (params ?? {}) as Pointed;
    return dataIndex === undefined ? undefined : plot.rowAt(dataIndex, seriesIndex);
  };
  return { option, seen: plot.seen, notes: plot.notes, pick };
}

/** Bars per category, in the order of the rows. */
export function barDrawing(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[] = [],
): Drawing | Missing {
  const plot = plotOf(config, rows, columns);
  if ("missing" in plot) return plot;
  const horizontal = isOn(config, "horizontal");
  const style: FigureStyle = plot.stack === "percent" ? { format: "percent" } : plot.style;
  const label = isOn(config, "labels")
    ? {
        label: {
          show: true,
          position: plot.stack === "none" ? (horizontal ? "right" : "top") : "inside",
          formatter: ({ value }: { value?: unknown }) =>
            typeof value === "number" ? formatTick(value, style) : "",
        },
        labelLayout: { hideOverlap: true },
      }
    : {};
  return cartesian(plot, {
    horizontal,
    series: { type: "bar", barMaxWidth: 40, large: plot.categories.length > 2000, ...label },
  });
}

const lineSeries = (config: JsonObject, { categories }: Plot): ChartOption => ({
  type: "line",
  showSymbol: categories.length <= 40,
  sampling: "lttb",
  connectNulls: false,
  ...(isOn(config, "smooth") ? { smooth: 0.3, smoothMonotone: "x" } : {}),
});

/** Lines over time if the axis holds dates, else over categories. Their axis fits the values. */
export function lineDrawing(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[] = [],
): Drawing | Missing {
  const plot = plotOf({ ...config, stack: "none" }, rows, columns, { timeline: true, line: true });
  if ("missing" in plot) return plot;
  return cartesian(plot, { fitted: !isOn(config, "fromZero"), series: lineSeries(config, plot) });
}

/** Lines filled down to zero, or to the line below. */
export function areaDrawing(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[] = [],
): Drawing | Missing {
  const plot = plotOf(config, rows, columns, { timeline: true, line: true });
  if ("missing" in plot) return plot;
  const opacity = plot.stack === "none" ? 0.16 : 0.55;
  return cartesian(plot, { series: { ...lineSeries(config, plot), areaStyle: { opacity } } });
}
