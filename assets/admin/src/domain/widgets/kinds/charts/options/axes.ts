import type { JsonObject } from "@/lib/api/model";
import { asNumber, formatTick, type FigureStyle } from "@/lib/format/figures";
import { momentLabels, tickUnitOf } from "@/lib/format/dates/moments";
import { timeTicks } from "@/lib/format/dates/time-ticks";
import { ownGrain } from "@/lib/series/grain";
import { shorten } from "@/lib/format/shorten";
import { toneOf } from "@/lib/format/tones";
import { objectsOf, textOf } from "../../config";
import type { Ink } from "../chart-theme";
import { isLogarithmic, type Plot } from "./plot";
import type { ChartOption } from "./shared";

/** The distance of an axis title from its axis, in pixels. */
const [BELOW, BESIDE] = [26, 12];

interface ReferenceLine {
  value: number;
  /** The end of a band; null for a line. */
  to: number | null;
  label: string;
  color: string;
}

/** Returns the goals and thresholds of a config. */
function referenceLines(config: JsonObject, ink: Ink): ReferenceLine[] {
  return objectsOf(config, "lines").flatMap((line) => {
    const value = asNumber(line["value"]);
    const color = ink.tones[line["color"] === undefined ? "red" : toneOf(line["color"])];
    return value === null ? [] : [{ value, to: asNumber(line["to"]), label: textOf(line, "label"), color }];
  });
}

/** Returns the marks of reference lines, for the first series. */
export function referenceMarks(
  config: JsonObject,
  ink: Ink,
  horizontal: boolean,
  style: FigureStyle,
): ChartOption {
  const lines = referenceLines(config, ink);
  if (lines.length === 0) return {};
  const at = (value: number) => (horizontal ? { xAxis: value } : { yAxis: value });
  const words = ({ value, label }: ReferenceLine) => label || formatTick(value, style);
  return {
    markLine: {
      silent: true,
      symbol: "none",
      animation: false,
      data: lines.map((line) => ({
        ...at(line.value),
        lineStyle: { color: line.color, type: "dashed", width: 1.5 },
        label: {
          formatter: words(line),
          color: line.color,
          position: horizontal ? "end" : "insideEndTop",
          distance: 2,
        },
      })),
    },
    markArea: {
      silent: true,
      animation: false,
      data: lines
        .filter(({ to }) => to !== null)
        .map((line) => [
          { ...at(line.value), itemStyle: { color: line.color, opacity: 0.12 } },
          at(line.to ?? line.value),
        ]),
    },
  };
}

interface Ends {
  /** The settings with the ends. */
  min: string;
  max: string;
  /** Whether the axis has the reference lines. */
  lined: boolean;
  isLog: boolean;
}

/** The ends of an axis: configured, or as far as the reference lines need them. */
export function axisEnds(config: JsonObject, ink: Ink, ends: Ends): ChartOption {
  const [min, max] = [asNumber(config[ends.min]), asNumber(config[ends.max])];
  const lines = ends.lined
    ? referenceLines(config, ink).flatMap(({ value, to }) => [value, to ?? value])
    : [];
  const [lowest, highest] = [Math.min(...lines), Math.max(...lines)];
  // ECharts does not extend an axis for its marks.
  return {
    ...(min !== null
      ? { min }
      : lines.length > 0 && !ends.isLog
        ? { min: (extent: { min: number }) => (lowest < Math.min(extent.min, 0) ? lowest : null) }
        : {}),
    ...(max !== null
      ? { max }
      : lines.length > 0
        ? {
            max: (extent: { max: number }) =>
              highest > extent.max ? highest * (highest > 0 ? 1.05 : 1) : null,
          }
        : {}),
  };
}

/** Bars of a logarithmic axis start at 1, or below the smallest value, which would have no height otherwise. */
function logStart({ series }: Plot): ChartOption {
  const values = series.flatMap(({ axis, values: own }) => (axis === 0 ? own.map(Number) : []));
  const least = values.reduce((a, b) => (b > 0 ? Math.min(a, b) : a), Infinity);
  if (least > 1) return {};
  const start = 10 ** (Math.ceil(Math.log10(least) - 1e-9) - 1);
  return { min: start, startValue: start };
}

interface ValueAxis {
  horizontal: boolean;
  /** Fits the values instead of starting at zero. */
  fitted: boolean;
}

/** Returns the value axes: one, or two if a series uses the second one. */
export function valueAxes(
  config: JsonObject,
  plot: Plot,
  ink: Ink,
  { horizontal, fitted }: ValueAxis,
): ChartOption[] {
  const isLog = isLogarithmic(config);
  const axisFor = (second: boolean): ChartOption => {
    const style = axisStyle(plot, second);
    const title = textOf(config, second ? "secondTitle" : "axisTitle");
    return {
      type: isLog && !second ? "log" : "value",
      splitNumber: horizontal ? 2 : 5,
      scale: fitted,
      ...(plot.stack === "percent" && !second ? { max: 1 } : {}),
      ...(isLog && !second && !fitted ? logStart(plot) : {}),
      ...axisEnds(config, ink, {
        min: second ? "secondMin" : "axisMin",
        max: second ? "secondMax" : "axisMax",
        lined: !second,
        isLog,
      }),
      ...(second ? { alignTicks: true, splitLine: { show: false } } : {}),
      ...(title
        ? {
            name: title,
            nameLocation: "middle",
            nameGap: horizontal ? BELOW : BESIDE,
            ...(horizontal ? {} : { nameMoveOverlap: true }),
          }
        : {}),
      axisLabel: { formatter: (value: number) => formatTick(value, style) },
    };
  };
  return plot.series.some(({ axis }) => axis === 1) ? [axisFor(false), axisFor(true)] : [axisFor(false)];
}

/** Returns the number format of a value axis: that of its first series. */
export function axisStyle(plot: Plot, second = false): FigureStyle {
  if (plot.stack === "percent" && !second) return { format: "percent" };
  return (plot.series.find(({ axis }) => axis === (second ? 1 : 0)) ?? plot.series[0])?.style ?? {};
}

/** The most characters of a category beside horizontal bars, in a narrow chart, and below slanted. */
const [WIDE, NARROW, SLANTED] = [36, 16, 18];

const labelsUpTo = (most: number): ChartOption => ({ formatter: (label: string) => shorten(label, most) });

/** Up to this number of categories, each has its label. */
const EACH = 20;
/** The width of a letter, the distance of lines, and the room beside the labels, in pixels. */
const [LETTER, LINE, SMALL_LINE, ASIDE] = [6.6, 15, 11, 64];
/** The least widths of a chart for which labels are arranged. */
const WIDTHS = [1000, 640, 480, 360, 260, 180];

const each: ChartOption = { interval: 0, hideOverlap: false };

/** Returns the labels below a chart of a width: slanted, or upright, where they have no room side by side. */
function labelsBelow(labels: readonly string[], width: number): ChartOption {
  const room = (width - ASIDE) / labels.length;
  const longest = Math.max(...labels.map((label) => label.length));
  if (longest * LETTER + 8 <= room) return { ...labelsUpTo(WIDE), rotate: 0 };
  const rotate = [35, 60].find((angle) => LINE / Math.sin((angle * Math.PI) / 180) <= room) ?? 90;
  return { ...labelsUpTo(SLANTED), rotate };
}

/** Returns how the labels of few categories are arranged below a chart, for each width. */
export function belowMedia(labels: readonly string[]): ChartOption[] {
  if (labels.length === 0 || labels.length > EACH) return [];
  return WIDTHS.map((width, index) => {
    const wider = WIDTHS[index - 1];
    return {
      query: wider === undefined ? { minWidth: width } : { maxWidth: wider - 1 },
      option: { xAxis: { axisLabel: labelsBelow(labels, width) } },
    };
  });
}

/** Returns how the labels of few categories are arranged beside a chart, for each height: smaller in a low one. */
export function besideMedia(labels: readonly string[]): ChartOption[] {
  const count = labels.length;
  if (count === 0 || count > EACH) return [];
  return [
    { query: { minHeight: count * LINE + 40 }, option: { yAxis: { axisLabel: { ...each, fontSize: 12 } } } },
    { query: { maxHeight: count * LINE + 39 }, option: { yAxis: { axisLabel: { ...each, fontSize: 9 } } } },
    // At this height no text is legible.
    {
      query: { maxHeight: count * SMALL_LINE + 39 },
      option: { yAxis: { axisLabel: { interval: "auto", hideOverlap: true } } },
    },
  ];
}

/** Returns what shows the labels of few categories, and as many as fit of others. */
export const categoryLabels = (labels: readonly string[]): ChartOption => (labels.length <= EACH ? each : {});

/** What an axis beside horizontal bars shows in a narrow chart. */
export const narrowLabels = ({ time }: Plot): ChartOption => (time ? {} : { axisLabel: labelsUpTo(NARROW) });

/** Returns the labels of many categories: slanted if some names are long. */
const manyLabels = (labels: readonly string[]): ChartOption =>
  labels.some((label) => label.length > 12) ? { ...labelsUpTo(SLANTED), rotate: 35 } : {};

/** The first and the last wall time of a plot; infinite without any. Not spread into arguments: there may be too many. */
const spanOf = ({ categories }: Plot): readonly [from: number, to: number] =>
  categories.reduce<readonly [number, number]>(
    ([least, most], { wall }) =>
      wall === null ? [least, most] : [Math.min(least, wall), Math.max(most, wall)],
    [Infinity, -Infinity],
  );

/** Whether each value of a time axis is a month, a quarter or a year: no day is a value between them. */
const isMonthly = ({ categories }: Plot): boolean => {
  const walls = categories.flatMap(({ wall }) => (wall === null ? [] : [wall]));
  return walls.length > 1 && ["month", "quarter", "year"].includes(ownGrain(walls));
};

/** Returns the axis of the categories, or of time. */
export function categoryAxis(config: JsonObject, plot: Plot, horizontal: boolean): ChartOption {
  const title = textOf(config, "categoryTitle");
  const named = title ? { name: title, nameLocation: "middle", nameGap: horizontal ? BESIDE : BELOW } : {};
  if (!plot.time) {
    const labels = plot.categories.map((category) => category.label);
    return {
      type: "category",
      data: labels,
      axisLabel: {
        ...categoryLabels(labels),
        ...(horizontal ? labelsUpTo(WIDE) : labels.length <= EACH ? {} : manyLabels(labels)),
      },
      ...(horizontal ? { inverse: true } : {}),
      ...named,
    };
  }
  const [from, to] = spanOf(plot);
  const label = momentLabels(tickUnitOf(from, to, isMonthly(plot)), [from, to].filter(Number.isFinite));
  return {
    type: "time",
    axisLabel: { formatter: (wall: number) => label(wall), hideOverlap: true },
    ...named,
  };
}

/** The most ticks of a time axis below a chart, by the chart's width in pixels. */
const TICKS = [
  [Infinity, 8],
  [640, 6],
  [420, 4],
  [300, 3],
] as const;

/** Returns the ticks of a time axis below a chart, for each width; none where those of ECharts are used. */
export function timeTickMedia(plot: Plot): ChartOption[] {
  const [from, to] = spanOf(plot);
  const monthly = isMonthly(plot);
  if (!plot.time || timeTicks(from, to, 8, monthly).length < 2) return [];
  return TICKS.map(([maxWidth, most]) => {
    const values = timeTicks(from, to, most, monthly);
    return {
      ...(maxWidth === Infinity ? {} : { query: { maxWidth } }),
      option: { xAxis: { axisLabel: { customValues: values }, axisTick: { customValues: values } } },
    };
  });
}
