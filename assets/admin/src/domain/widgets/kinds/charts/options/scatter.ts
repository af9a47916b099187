import { plural, t } from "@lingui/core/macro";
import type { Column, JsonObject } from "@/lib/api/model";
import { asNumber, formatFigure, formatTick, isCodeName, type FigureStyle } from "@/lib/format/figures";
import { momentLabels, tickUnitOf, wallOf } from "@/lib/format/dates/moments";
import { categoriesOf, groupsOf } from "@/lib/rows/categories";
import type { Row } from "@/lib/rows/cells";
import { isOn, labelOfColumn, styleOf, textOf } from "../../config";
import { hexOf, valueColors } from "../chart-colors";
import { axisEnds, referenceMarks } from "./axes";
import { legendMedia, legendOf, legendPlace, RIGHT_OF_GRID } from "./legend";
import { groupNotes, logarithmNotes, mixedNotes, rangeNotes, truncation } from "./notices/notices";
import {
  bubbleSize,
  common,
  extentOf,
  largestOf,
  plainContext,
  rowIndexOf,
  seenColumns,
  TINY,
  tooltipHtml,
  type ChartOption,
  type Drawing,
  type DrawingContext,
  type Missing,
} from "./shared";

const MAX_GROUPS = 8;
const BUBBLE = [6, 38] as const;

interface Point {
  value: [number, number, number | null];
  name: string;
  row: number;
}

/** Points that share a color. */
interface PointGroup {
  name: string;
  /** The value that the group stands for; absent if there are no groups, or for several. */
  of?: { value: unknown };
  data: Point[];
}

/** How the values of the axes become coordinates. */
interface Axes {
  time: boolean;
  xLog: boolean;
  yLog: boolean;
}

const coordinate = (value: unknown, time: boolean) => (time ? wallOf(value) : asNumber(value));

/** Whether a logarithmic axis cannot show a point. */
const isLost = ([x, y]: readonly [number, number, number | null], { xLog, yLog }: Axes): boolean =>
  (xLog && x <= 0) || (yLog && y <= 0);

/** Returns the points of each group; of more than eight groups, those with the fewest points are merged. */
function groupedPoints(
  rows: readonly Row[],
  [x, y, size, group, label]: readonly string[],
  axes: Axes,
  columns: readonly Column[],
): { groups: PointGroup[]; all: number; merged: number } {
  const named = label ? categoriesOf(rows, label, columns) : null;
  const indexOf = new Map(rows.map((row, index) => [row, index]));
  const pointsOf = (own: readonly Row[], name: string) =>
    own.flatMap((row): Point[] => {
      const [across, up] = [coordinate(row[x ?? ""], axes.time), asNumber(row[y ?? ""])];
      if (across === null || up === null) return [];
      return [
        {
          value: [across, up, size ? asNumber(row[size]) : null],
          name: named ? named.labelOf(row[label ?? ""]) : group ? name : "",
          row: indexOf.get(row) ?? 0,
        },
      ];
    });
  if (!group) return { groups: [{ name: y ?? "", data: pointsOf(rows, y ?? "") }], all: 1, merged: 0 };
  const found = groupsOf(rows, group, categoriesOf(rows, group, columns));
  const largest = [...found].sort((a, b) => b.rows.length - a.rows.length);
  const kept = new Set(found.length > MAX_GROUPS ? largest.slice(0, MAX_GROUPS - 1) : largest);
  const rest = found.filter((one) => !kept.has(one));
  const groups: PointGroup[] = found
    .filter((one) => kept.has(one))
    .map(({ label: name, value, rows: own }) => ({ name, of: { value }, data: pointsOf(own, name) }));
  const other = rest.flatMap(({ label: name, rows: own }) => pointsOf(own, name));
  return {
    groups: rest.length ? [...groups, { name: t`Other`, data: other }] : groups,
    all: found.length,
    merged: rest.length,
  };
}

/** Returns a point for each row with both coordinates. */
export function scatterDrawing(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[] = [],
  context: DrawingContext = plainContext,
): Drawing | Missing {
  const names = ["x", "y", "size", "group", "label"].map((name) => textOf(config, name));
  const [x = "", y = "", , group = ""] = names;
  if (!x) return { missing: t`Select the column for the horizontal axis.` };
  if (!y) return { missing: t`Select the column for the vertical axis.` };
  const time =
    rows.some((row) => row[x] !== null && row[x] !== undefined) &&
    rows.every((row) => row[x] === null || row[x] === undefined || wallOf(row[x]) !== null);
  const axes = { time, xLog: isOn(config, "xLog") && !time, yLog: isOn(config, "yLog") };
  const { groups: all, ...counts } = groupedPoints(rows, names, axes, columns);
  const points = all.flatMap(({ data }) => data);
  if (points.length === 0 && rows.length > 0)
    return { missing: t`No row has a number in both ${x} and ${y}.` };
  const groups = all.map((one) => ({ ...one, data: one.data.filter(({ value }) => !isLost(value, axes)) }));
  const range = (side: "x" | "y") =>
    rangeNotes(
      points.map(({ value }) => value[side === "x" ? 0 : 1]),
      side === "x" && time ? [null, null] : [asNumber(config[`${side}Min`]), asNumber(config[`${side}Max`])],
    );
  return {
    option: optionOf(config, rows, { groups, axes }, columns, context),
    seen: { columns: seenColumns(config, ["label", "group", "x"], ["size", "y"], columns), rows },
    notes: [
      ...truncation(context.truncated, rows.length),
      ...mixedNotes(rows, columns, [x, group], false),
      ...groupNotes(labelOfColumn(columns, group), counts.all, counts.merged),
      ...logarithmNotes(points.filter(({ value }) => isLost(value, axes)).length),
      ...range("x"),
      ...range("y"),
      ...withoutCoordinates(rows.length - points.length),
    ],
    pick: (params) => rows[rowIndexOf(params) ?? -1],
  };
}

const withoutCoordinates = (count: number): string[] =>
  count > 0
    ? [
        plural(count, {
          one: "# row without both coordinates is not shown.",
          other: "# rows without both coordinates are not shown.",
        }),
      ]
    : [];

function optionOf(
  config: JsonObject,
  rows: readonly Row[],
  { groups, axes }: { groups: readonly PointGroup[]; axes: Axes },
  columns: readonly Column[],
  context: DrawingContext,
) {
  const { time } = axes;
  const [x, y] = [textOf(config, "x"), textOf(config, "y")];
  const style = styleOf(config, y, columns);
  const named = (field: string) => labelOfColumn(columns, field);
  const across = styleOf({}, x, columns);
  const place = legendPlace(config, groups.length);
  return {
    ...common,
    useUTC: true,
    grid: {
      left: 4,
      right: place === "right" ? RIGHT_OF_GRID : 16,
      top: place === "top" ? 52 : 26,
      bottom: place === "bottom" ? 46 : 22,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    legend: legendOf(
      place,
      groups.map(({ name }) => name),
    ),
    tooltip: {
      trigger: "item",
      confine: true,
      formatter: ({ marker = "", data }: { marker?: string; data: Point }) =>
        tooltipHtml(marker, data.name, figuresOf(config, data, rows[data.row], columns, time)),
    },
    ...axesOf(config, [named(x), named(y)], [across, style], { groups, axes, context }),
    series: seriesOf(config, rows, groups, columns, context),
    media: [
      ...legendMedia(
        place,
        groups.map(({ name }) => name),
        place === "top" ? 52 : 46,
      ),
      ...mediaOf(groups.length),
    ],
  };
}

/** Returns the names and the values of a point, as its tooltip shows them. */
function figuresOf(
  config: JsonObject,
  { value }: Point,
  row: Row | undefined,
  columns: readonly Column[],
  time: boolean,
): (readonly [string, string])[] {
  const [x, y, size] = [textOf(config, "x"), textOf(config, "y"), textOf(config, "size")];
  const named = (field: string) => labelOfColumn(columns, field);
  const across: FigureStyle = time
    ? { format: "datetime" }
    : { ...styleOf({}, x, columns), spoken: !isCodeName(x) };
  return [
    [named(x), formatFigure(row?.[x] ?? value[0], across)],
    [named(y), formatFigure(row?.[y] ?? value[1], styleOf(config, y, columns))],
    ...(size
      ? [[named(size), formatFigure(row?.[size], { ...styleOf({}, size, columns), spoken: true })] as const]
      : []),
  ];
}

/** Returns a series for each group of points. */
function seriesOf(
  config: JsonObject,
  rows: readonly Row[],
  groups: readonly PointGroup[],
  columns: readonly Column[],
  context: DrawingContext,
): ChartOption[] {
  const size = textOf(config, "size");
  const largest = size ? largestOf(rows.map((row) => asNumber(row[size]))) : 0;
  const style = styleOf(config, textOf(config, "y"), columns);
  const colorFor = valueColors(config, columns, textOf(config, "group"), rows);
  return groups.map(({ name, of, data }, index) => {
    const color = of ? colorFor(of.value) : null;
    return {
      type: "scatter",
      name,
      data,
      symbolSize: size
        ? ([, , value]: [number, number, number | null]) => bubbleSize(value, largest, BUBBLE)
        : 9,
      itemStyle: { opacity: size ? 0.7 : 0.8, ...(color ? { color: hexOf(color, context) } : {}) },
      large: rows.length > 3000 && !size,
      ...(index === 0 ? referenceMarks(config, context.ink, false, style) : {}),
    };
  });
}

/** Returns the labels of a time axis. */
function timeLabel(groups: readonly PointGroup[]): (wall: number) => string {
  const [from, to] = extentOf(groups.flatMap(({ data }) => data.map(({ value }) => value[0])));
  return momentLabels(tickUnitOf(from, to), [from, to].filter(Number.isFinite));
}

interface Placed {
  groups: readonly PointGroup[];
  axes: Axes;
  context: DrawingContext;
}

function axesOf(
  config: JsonObject,
  [x, y]: readonly [string, string],
  [across, style]: readonly [FigureStyle, FigureStyle],
  { groups, axes: { time, xLog, yLog }, context: { ink } }: Placed,
): { xAxis: ChartOption; yAxis: ChartOption } {
  const ends = (min: string, max: string, isLog: boolean) =>
    axisEnds(config, ink, { min, max, lined: min === "yMin", isLog });
  const unit = ({ unit: shown }: FigureStyle, title: string) => (shown ? `${title} (${shown})` : title);
  return {
    xAxis: {
      type: time ? "time" : xLog ? "log" : "value",
      scale: true,
      ...(time ? {} : ends("xMin", "xMax", xLog)),
      name: textOf(config, "xTitle") || unit(across, x),
      nameLocation: "middle",
      nameGap: 24,
      axisLabel: { formatter: time ? timeLabel(groups) : (value: number) => formatTick(value, across) },
    },
    yAxis: {
      type: yLog ? "log" : "value",
      scale: true,
      ...ends("yMin", "yMax", yLog),
      name: textOf(config, "yTitle") || unit(style, y),
      nameLocation: "end",
      nameGap: 10,
      nameTextStyle: { align: "left" },
      axisLabel: { formatter: (value: number) => formatTick(value, style) },
    },
  };
}

/** Returns what small widgets show. */
function mediaOf(count: number): ChartOption[] {
  return [
    {
      query: { maxWidth: 220 },
      option: {
        legend: { show: false },
        xAxis: { name: "" },
        yAxis: { name: "" },
        grid: { top: 8, right: 16, bottom: 4 },
      },
    },
    {
      query: TINY,
      option: {
        legend: { show: false },
        grid: { top: 4, right: 16, bottom: 4 },
        xAxis: { name: "", axisLabel: { show: false } },
        yAxis: { name: "", axisLabel: { show: false } },
        series: Array.from({ length: count }, () => ({ symbolSize: 5 })),
      },
    },
  ];
}
