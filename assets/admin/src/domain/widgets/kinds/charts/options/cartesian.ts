import { t } from "@lingui/core/macro";
import type { Column, JsonObject } from "@/lib/api/model";
import { addNumbers } from "@/lib/format/decimals";
import { formatFigure, formatMark } from "@/lib/format/figures";
import type { Row } from "@/lib/rows/cells";
import { isOn, textOf } from "../../config";
import { hexOf } from "../chart-colors";
import type { Ink } from "../chart-theme";
import {
  axisStyle,
  belowMedia,
  besideMedia,
  categoryAxis,
  narrowLabels,
  referenceMarks,
  timeTickMedia,
  valueAxes,
} from "./axes";
import { legendMedia, legendOf, legendPlace, RIGHT_OF_GRID, type LegendPlace } from "./legend";
import { isConnected, isLogarithmic, plotOf, type Plot, type PlotOptions, type PlotSeries } from "./plot";
import {
  common,
  plainContext,
  TINY,
  tooltipHtml,
  type ChartOption,
  type Drawing,
  type DrawingContext,
  type Missing,
} from "./shared";

type PlotContext = DrawingContext & Pick<PlotOptions, "zone">;

/** Returns the sum of the stacked series per category. */
const stackedTotals = ({ series, categories }: Plot): (number | string)[] =>
  categories.map((_, at) =>
    series
      .filter(({ isStacked }) => isStacked)
      .reduce<number | string>((sum, { values }) => addNumbers(sum, values[at] ?? 0), 0),
  );

/** Returns a series' value per category, or its share where shares are stacked. */
function amountsOf({ stack }: Plot, { values, isStacked }: PlotSeries, totals: readonly (number | string)[]) {
  if (stack !== "percent" || !isStacked)
    return values.map((value) => (value === null ? null : Number(value)));
  return values.map((value, at) => {
    const total = Number(totals[at]);
    return value === null || !total ? null : Number(value) / total;
  });
}

function seriesData(
  plot: Plot,
  series: PlotSeries,
  totals: readonly (number | string)[],
  isLog: boolean,
): unknown[] {
  const amounts = amountsOf(plot, series, totals).map((amount) =>
    isLog && series.axis === 0 && amount !== null && amount <= 0 ? null : amount,
  );
  if (!plot.time) return amounts;
  const points = plot.categories.map(({ wall }, at) => [wall ?? 0, amounts[at] ?? null] as const);
  return points.sort(([a], [b]) => a - b);
}

/** The text of one series in a tooltip. */
interface Pointed {
  marker?: string;
  name?: string;
  seriesIndex?: number;
  dataIndex?: number;
  value?: unknown;
}

/** Returns the index of a category from that of a point: on a time axis the points are in another order. */
function categoryFinder(plot: Plot): (dataIndex: number) => number {
  if (!plot.time) return (index) => index;
  const order = [...plot.categories.keys()].sort(
    (a, b) => (plot.categories[a]?.wall ?? 0) - (plot.categories[b]?.wall ?? 0),
  );
  return (index) => order[index] ?? index;
}

/** Returns the tooltip: exact values below their category, and the total of a stack. */
function tooltipOf(
  plot: Plot,
  totals: readonly (number | string)[],
): (pointed: Pointed | readonly Pointed[]) => string {
  const find = categoryFinder(plot);
  const stacked = plot.series.filter(({ isStacked }) => isStacked);
  return (pointed) => {
    const all = Array.isArray(pointed) ? (pointed as readonly Pointed[]) : [pointed as Pointed];
    const at = find(all[0]?.dataIndex ?? 0);
    const lines = all.map((one) => {
      const series = plot.series[one.seriesIndex ?? 0];
      const value = formatFigure(series?.values[find(one.dataIndex ?? 0)], series?.style);
      if (plot.stack !== "percent" || !series?.isStacked) return [series?.name ?? "", value] as const;
      const share = Array.isArray(one.value) ? (one.value as unknown[])[1] : one.value;
      return [series.name, `${formatFigure(share, { format: "percent" })} · ${value}`] as const;
    });
    const total =
      stacked.length > 1 ? [[t`Total`, formatFigure(totals[at], stacked[0]?.style)] as const] : [];
    return tooltipHtml("", plot.categories[at]?.name ?? "", [...lines, ...total]);
  };
}

const colorOf = ({ color }: PlotSeries, { ink, palette: colors }: PlotContext): ChartOption => {
  if (!color) return {};
  const hex = hexOf(color, { ink, palette: colors });
  return { itemStyle: { color: hex }, lineStyle: { color: hex } };
};

/** Returns the data of bars, each in the color of its category, if the chart has one series without a color. */
function colored(plot: Plot, { color, shape }: PlotSeries, data: unknown[], context: PlotContext): unknown[] {
  if (plot.series.length > 1 || color || shape !== "bar") return data;
  return data.map((value, at) => {
    const own = plot.colors[at];
    return own ? { value, itemStyle: { color: hexOf(own, context) } } : value;
  });
}

/** The room for a legend of one line above and below the chart, in pixels. */
const [TOP, BOTTOM] = [34, 28];

function gridOf(
  config: JsonObject,
  { time }: Plot,
  { place, horizontal }: { place: LegendPlace; horizontal: boolean },
): ChartOption {
  const isTitled = ["categoryTitle", "axisTitle", "secondTitle"].some((name) => textOf(config, name) !== "");
  const right = horizontal && isOn(config, "labels") ? 52 : time ? END_LABEL : 12;
  return {
    left: 4,
    right: place === "right" ? RIGHT_OF_GRID : right,
    top: place === "top" ? TOP : 10,
    bottom: place === "bottom" ? BOTTOM : 4,
    outerBoundsMode: "same",
    outerBoundsContain: isTitled ? "all" : "axisLabel",
  };
}

interface Shape {
  horizontal?: boolean;
  /** The axis fits the values instead of starting at zero. */
  fitted?: boolean;
  /** Returns what is particular to a series. */
  of: (series: PlotSeries) => ChartOption;
}

function cartesian(
  config: JsonObject,
  plot: Plot,
  context: PlotContext,
  { horizontal = false, fitted = false, of }: Shape,
): Drawing {
  const { series } = plot;
  const totals = series.some(({ isStacked }) => isStacked) ? stackedTotals(plot) : [];
  const place = legendPlace(config, series.length);
  const values = valueAxes(config, plot, context.ink, { horizontal, fitted });
  const valueAxis = values.length > 1 ? values : values[0];
  const categories = categoryAxis(config, plot, horizontal);
  const first = series.findIndex(({ axis }) => axis === 0);
  const option = {
    ...common,
    useUTC: true,
    grid: gridOf(config, plot, { place, horizontal }),
    legend: legendOf(
      place,
      series.map(({ name }) => name),
    ),
    tooltip: { trigger: "axis", confine: true, formatter: tooltipOf(plot, totals) },
    xAxis: horizontal ? valueAxis : categories,
    yAxis: horizontal ? categories : valueAxis,
    series: series.map((one, index) => ({
      name: one.name,
      data: colored(plot, one, seriesData(plot, one, totals, isLogarithmic(config)), context),
      ...(one.isStacked ? { stack: "all" } : {}),
      ...(one.axis === 1 ? (horizontal ? { xAxisIndex: 1 } : { yAxisIndex: 1 }) : {}),
      ...colorOf(one, context),
      ...of(one),
      ...(index === first ? referenceMarks(config, context.ink, horizontal, axisStyle(plot)) : {}),
    })),
    media: [
      ...legendMedia(
        place,
        series.map(({ name }) => name),
        place === "top" ? TOP : BOTTOM,
      ),
      ...mediaOf(values.length, plot, horizontal),
    ],
  };
  const find = categoryFinder(plot);
  const pick = (params: unknown) => {
    const { dataIndex, seriesIndex = 0 } = (params ?? {}) as Pointed;
    return dataIndex === undefined ? undefined : plot.rowAt(find(dataIndex), seriesIndex);
  };
  return { option, seen: plot.seen, notes: plot.notes, pick };
}

/** The room for the second half of the last label of a time axis, in pixels. */
const END_LABEL = 28;

/** In a small tile the axis labels would take more room than they are worth. */
function mediaOf(count: number, plot: Plot, horizontal: boolean): ChartOption[] {
  const bare = { name: "", axisLabel: { show: false }, splitLine: { show: false } };
  const values = count > 1 ? Array.from({ length: count }, () => bare) : bare;
  const categories = { name: "", axisLabel: { show: false } };
  const labels = plot.categories.map(({ label }) => label);
  return [
    ...(horizontal ? [] : timeTickMedia(plot)),
    ...(plot.time ? [] : horizontal ? besideMedia(labels) : belowMedia(labels)),
    ...(horizontal ? [{ query: { maxWidth: 480 }, option: { yAxis: narrowLabels(plot) } }] : []),
    { query: { maxWidth: 220 }, option: { legend: { show: false }, grid: { top: 8, right: 12, bottom: 4 } } },
    {
      query: TINY,
      option: {
        legend: { show: false },
        grid: { top: 4, right: 12, bottom: 4 },
        xAxis: horizontal ? values : categories,
        yAxis: horizontal ? categories : values,
      },
    },
  ];
}

const lineSeries = (config: JsonObject, { categories }: Plot): ChartOption => ({
  type: "line",
  showSymbol: categories.length <= 40,
  sampling: "lttb",
  connectNulls: isConnected(config),
  ...(isOn(config, "smooth") ? { smooth: 0.3, smoothMonotone: "x" } : {}),
});

interface Bars {
  ink: Ink;
  horizontal?: boolean;
}

function barSeries(
  config: JsonObject,
  plot: Plot,
  series: PlotSeries,
  { ink, horizontal = false }: Bars,
): ChartOption {
  const style =
    plot.stack === "percent" && series.isStacked ? ({ format: "percent" } as const) : series.style;
  const label = isOn(config, "labels")
    ? {
        label: {
          show: true,
          // Outside of its bar a text needs no outline.
          ...(series.isStacked
            ? { position: "inside" }
            : { position: horizontal ? "right" : "top", color: ink.text, textBorderWidth: 0 }),
          formatter: ({ value }: { value?: unknown }) =>
            typeof value === "number" ? formatMark(value, style) : "",
        },
        labelLayout: { hideOverlap: true },
      }
    : {};
  return { type: "bar", barMaxWidth: 40, large: plot.categories.length > 2000, ...label };
}

/** Bars per category, in the order of the rows. */
export function barDrawing(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[] = [],
  context: PlotContext = plainContext,
): Drawing | Missing {
  const plot = plotOf(config, rows, columns, { ...context, shape: "bar" });
  if ("missing" in plot) return plot;
  const horizontal = isOn(config, "horizontal");
  return cartesian(config, plot, context, {
    horizontal,
    of: (series) =>
      series.shape === "line"
        ? lineSeries(config, plot)
        : barSeries(config, plot, series, { ink: context.ink, horizontal }),
  });
}

/** Lines over time if the axis holds dates, else over categories. Their axis fits the values. */
export function lineDrawing(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[] = [],
  context: PlotContext = plainContext,
): Drawing | Missing {
  const plot = plotOf({ ...config, stack: "none" }, rows, columns, {
    ...context,
    shape: "line",
    timeline: true,
  });
  if ("missing" in plot) return plot;
  const hasBars = plot.series.some(({ shape }) => shape === "bar");
  return cartesian(config, plot, context, {
    fitted: !isOn(config, "fromZero") && !hasBars,
    of: (series) =>
      series.shape === "bar"
        ? barSeries(config, plot, series, { ink: context.ink })
        : lineSeries(config, plot),
  });
}

/** Lines filled down to zero, or to the line below. */
export function areaDrawing(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[] = [],
  context: PlotContext = plainContext,
): Drawing | Missing {
  const plot = plotOf(config, rows, columns, { ...context, shape: "line", timeline: true });
  if ("missing" in plot) return plot;
  const opacity = plot.stack === "none" ? 0.16 : 0.55;
  return cartesian(config, plot, context, {
    of: (series) =>
      series.shape === "bar"
        ? barSeries(config, plot, series, { ink: context.ink })
        : { ...lineSeries(config, plot), ...(series.axis === 0 ? { areaStyle: { opacity } } : {}) },
  });
}
