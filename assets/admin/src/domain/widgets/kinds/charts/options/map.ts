import { plural, t } from "@lingui/core/macro";
import type { Column, JsonObject } from "@/lib/api/model";
import { asNumber, formatFigure, type FigureStyle } from "@/lib/format/figures";
import { categoriesOf } from "@/lib/rows/categories";
import type { Row } from "@/lib/rows/cells";
import { styleOf, textOf } from "../../config";
import type { Ink } from "../chart-theme";
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

/** The name under which the outlines are registered. */
export const WORLD = "world";

const POINT = [7, 30] as const;

interface Point {
  /** Degrees east, degrees north, size. */
  value: [number, number, number | null];
  name: string;
  row: number;
}

export function mapPoints(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[] = [],
): Point[] {
  const [latitude, longitude, size, label] = ["latitude", "longitude", "size", "label"].map((name) =>
    textOf(config, name),
  ) as [string, string, string, string];
  const { labelOf } = categoriesOf(rows, label, columns);
  return rows.flatMap((row, index) => {
    const [north, east] = [asNumber(row[latitude]), asNumber(row[longitude])];
    if (north === null || east === null || Math.abs(north) > 90 || Math.abs(east) > 180) return [];
    return [
      {
        value: [east, north, size ? asNumber(row[size]) : null] as Point["value"],
        name: label ? labelOf(row[label]) : `${north}, ${east}`,
        row: index,
      },
    ];
  });
}

/** Returns the corners of the initial view: around the points, never closer than a small country. */
export function extentOf(
  points: readonly Point[],
): [[west: number, north: number], [east: number, south: number]] {
  const [easts, norths] = [points.map(({ value }) => value[0]), points.map(({ value }) => value[1])];
  const range = (values: number[], limit: number): [number, number] => {
    const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    const padding = Math.max(4, (high - low) * 0.18);
    return [Math.max(-limit, low - padding), Math.min(limit, high + padding)];
  };
  const [west, east] = range(easts, 180);
  const [south, north] = range(norths, 85);
  return [
    [west, north],
    [east, south],
  ];
}

/** The corners of the world without most polar ice. */
const ALL: ReturnType<typeof extentOf> = [
  [-170, 80],
  [190, -57],
];

/** Returns the corners of the initial view. */
export function extentShown(config: JsonObject, rows: readonly Row[]): ReturnType<typeof extentOf> {
  const points = mapPoints(config, rows);
  return config["extent"] === "world" || points.length === 0 ? ALL : extentOf(points);
}

export function mapDrawing(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[],
  ink: Ink,
): Drawing | Missing {
  if (!textOf(config, "latitude") || !textOf(config, "longitude"))
    return { missing: t`Select the latitude and longitude columns.` };
  const points = mapPoints(config, rows, columns);
  if (points.length === 0) return { missing: t`No row has a location.` };
  const seen = { columns: seenColumns(config, ["label", "latitude", "longitude"], ["size"], columns), rows };
  return {
    option: optionOf(config, rows, points, ink, styleOf(config, textOf(config, "size"), columns)),
    seen,
    notes:
      points.length < rows.length
        ? [
            plural(rows.length - points.length, {
              one: "# row without a location is not shown.",
              other: "# rows without a location are not shown.",
            }),
          ]
        : [],
    pick: (params) => rows[rowIndexOf(params) ?? -1],
  };
}

function optionOf(
  config: JsonObject,
  rows: readonly Row[],
  points: readonly Point[],
  ink: Ink,
  style: FigureStyle,
) {
  const size = textOf(config, "size");
  const largest = largestOf(points.map(({ value }) => value[2]));
  const land = { areaColor: ink.ground, borderColor: ink.page, borderWidth: 0.7 };
  return {
    ...common,
    geo: {
      map: WORLD,
      silent: true,
      roam: true,
      scaleLimit: { min: 1, max: 32 },
      itemStyle: land,
      emphasis: { disabled: true },
      boundingCoords: extentShown(config, rows),
      left: 0,
      right: 0,
      top: 0,
      bottom: 0,
      preserveAspect: "contain",
    },
    tooltip: {
      trigger: "item",
      confine: true,
      formatter: ({ marker = "", data }: { marker?: string; data: Point }) =>
        tooltipHtml(marker, data.name, size ? [["", formatFigure(data.value[2], style)]] : []),
    },
    series: [
      {
        type: "scatter",
        coordinateSystem: "geo",
        data: points,
        symbolSize: ([, , value]: Point["value"]) => (size ? bubbleSize(value, largest, POINT) : 9),
        itemStyle: { opacity: 0.78, borderColor: ink.page, borderWidth: 1 },
      },
    ],
    media: [{ option: {} }, { query: TINY, option: { series: [{ symbolSize: 5 }] } }],
  };
}
