import { plural, t } from "@lingui/core/macro";
import type { Column, JsonObject } from "@/lib/api/model";
import { asNumber, formatFigure, formatTick, isCodeName, type FigureStyle } from "@/lib/format/figures";
import { momentLabels, tickUnitOf, wallOf } from "@/lib/format/dates/moments";
import { categoriesOf, groupsOf } from "@/lib/rows/categories";
import type { Row } from "@/lib/rows/cells";
import { labelOfColumn, styleOf, textOf } from "../../config";
import {
  bubbleSize,
  common,
  largestOf,
  rowIndexOf,
  seenColumns,
  TINY,
  tooltipHtml,
  type Drawing,
  type Missing,
} from "./shared";

const MAX_GROUPS = 8;
const BUBBLE = [6, 38] as const;

interface Point {
  value: [number, number, number | null];
  name: string;
  row: number;
}

const coordinate = (value: unknown, time: boolean) => (time ? wallOf(value) : asNumber(value));

/** Returns the points of each group; groups beyond the eighth are merged. */
function groupedPoints(
  rows: readonly Row[],
  [x, y, size, group, label]: readonly string[],
  time: boolean,
  columns: readonly Column[],
): { name: string; data: Point[] }[] {
  const named = label ? categoriesOf(rows, label, columns) : null;
  const indexOf = new Map(rows.map((row, index) => [row, index]));
  const pointsOf = (own: readonly Row[], name: string) =>
    own.flatMap((row): Point[] => {
      const [across, up] = [coordinate(row[x ?? ""], time), asNumber(row[y ?? ""])];
      if (across === null || up === null) return [];
      return [
        {
          value: [across, up, size ? asNumber(row[size]) : null],
          name: named ? named.labelOf(row[label ?? ""]) : group ? name : "",
          row: indexOf.get(row) ?? 0,
        },
      ];
    });
  if (!group) return [{ name: y ?? "", data: pointsOf(rows, y ?? "") }];
  const groups = groupsOf(rows, group, categoriesOf(rows, group, columns));
  const kept = groups.length > MAX_GROUPS ? groups.slice(0, MAX_GROUPS - 1) : groups;
  const rest = groups.slice(kept.length);
  const all = kept.map(({ label: name, rows: own }) => ({ name, data: pointsOf(own, name) }));
  return rest.length
    ? [...all, { name: t`Other`, data: rest.flatMap(({ label: name, rows: own }) => pointsOf(own, name)) }]
    : all;
}

/** Returns a point for each row with both coordinates. */
export function scatterDrawing(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[] = [],
): Drawing | Missing {
  const names = ["x", "y", "size", "group", "label"].map((name) => textOf(config, name));
  const [x = "", y = ""] = names;
  if (!x) return { missing: t`Select the column for the horizontal axis.` };
  if (!y) return { missing: t`Select the column for the vertical axis.` };
  const time =
    rows.some((row) => row[x] !== null && row[x] !== undefined) &&
    rows.every((row) => row[x] === null || row[x] === undefined || wallOf(row[x]) !== null);
  const groups = groupedPoints(rows, names, time, columns);
  const drawn = groups.reduce((sum, { data }) => sum + data.length, 0);
  if (drawn === 0 && rows.length > 0) return { missing: t`No row has a number in both ${x} and ${y}.` };
  const seen = { columns: seenColumns(config, ["label", "group", "x"], ["size", "y"], columns), rows };
  return {
    option: optionOf(config, rows, groups, time, columns),
    seen,
    notes:
      drawn < rows.length
        ? [
            plural(rows.length - drawn, {
              one: "# row without both coordinates is not shown.",
              other: "# rows without both coordinates are not shown.",
            }),
          ]
        : [],
    pick: (params) => rows[rowIndexOf(params) ?? -1],
  };
}

function optionOf(
  config: JsonObject,
  rows: readonly Row[],
  groups: { name: string; data: Point[] }[],
  time: boolean,
  columns: readonly Column[],
) {
  const [x, y, size] = [textOf(config, "x"), textOf(config, "y"), textOf(config, "size")];
  const style = styleOf(config, y, columns);
  const named = (field: string) => labelOfColumn(columns, field);
  const largest = size ? largestOf(rows.map((row) => asNumber(row[size]))) : 0;
  const written = (value: unknown) =>
    formatFigure(value, time ? { format: "datetime" } : { plain: isCodeName(x), spoken: !isCodeName(x) });
  return {
    ...common,
    useUTC: true,
    grid: {
      left: 4,
      right: 16,
      top: groups.length > 1 ? 52 : 26,
      bottom: 22,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    legend:
      groups.length > 1
        ? { type: "scroll", top: 0, left: 0, itemGap: 12, data: groups.map(({ name }) => name) }
        : { show: false },
    tooltip: {
      trigger: "item",
      confine: true,
      formatter: ({ marker = "", data }: { marker?: string; data: Point }) =>
        tooltipHtml(marker, data.name, [
          [named(x), written(rows[data.row]?.[x] ?? data.value[0])],
          [named(y), formatFigure(rows[data.row]?.[y] ?? data.value[1], style)],
          ...(size ? [[named(size), formatFigure(rows[data.row]?.[size], { spoken: true })] as const] : []),
        ]),
    },
    ...axesOf([x, named(x)], named(y), style, time ? timeLabel(groups) : null),
    series: groups.map(({ name, data }) => ({
      type: "scatter",
      name,
      data,
      symbolSize: size
        ? ([, , value]: [number, number, number | null]) => bubbleSize(value, largest, BUBBLE)
        : 9,
      itemStyle: { opacity: size ? 0.7 : 0.8 },
      large: rows.length > 3000 && !size,
    })),
    media: mediaOf(groups.length),
  };
}

/** Returns the labels of a time axis. */
function timeLabel(groups: readonly { data: Point[] }[]): (wall: number) => string {
  const walls = groups.flatMap(({ data }) => data.map(({ value }) => value[0]));
  const [from, to] = walls.reduce(
    ([least, most], wall) => [Math.min(least, wall), Math.max(most, wall)] as const,
    [Infinity, -Infinity] as const,
  );
  return momentLabels(tickUnitOf(from, to), [from, to].filter(Number.isFinite));
}

function axesOf(
  [x, title]: readonly [string, string],
  y: string,
  style: FigureStyle,
  timeLabelOf: ((wall: number) => string) | null,
) {
  const across = { plain: isCodeName(x) };
  return {
    xAxis: {
      type: timeLabelOf ? "time" : "value",
      scale: true,
      name: title,
      nameLocation: "middle",
      nameGap: 24,
      axisLabel: { formatter: timeLabelOf ?? ((value: number) => formatTick(value, across)) },
    },
    yAxis: {
      type: "value",
      scale: true,
      name: y,
      nameLocation: "end",
      nameGap: 10,
      nameTextStyle: { align: "left" },
      axisLabel: { formatter: (value: number) => formatTick(value, style) },
    },
  };
}

/** Returns what small widgets show. */
function mediaOf(count: number) {
  return [
    {
      query: { maxWidth: 220 },
      option: {
        legend: { show: false },
        xAxis: { name: "" },
        yAxis: { name: "" },
        grid: { top: 8, bottom: 4 },
      },
    },
    {
      query: TINY,
      option: {
        legend: { show: false },
        grid: { top: 4, bottom: 4 },
        xAxis: { name: "", axisLabel: { show: false } },
        yAxis: { name: "", axisLabel: { show: false } },
        series: Array.from({ length: count }, () => ({ symbolSize: 5 })),
      },
    },
  ];
}
