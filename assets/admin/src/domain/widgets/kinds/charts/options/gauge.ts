import { t } from "@lingui/core/macro";
import type { Column, JsonObject } from "@/lib/api/model";
import { isNumber } from "@/lib/format/decimals";
import { asNumber, formatFigure, formatTick, type FigureStyle } from "@/lib/format/figures";
import type { Tone } from "@/lib/format/tones";
import type { Row } from "@/lib/rows/cells";
import { styleOf, textOf, thresholdAt } from "../../config";
import type { Ink } from "../chart-theme";
import { common, seenColumns, type Drawing, type Missing } from "./shared";

export interface GaugeReading {
  value: number;
  min: number;
  max: number;
  /** The position between the lower and the upper limit, from 0 to 1. */
  share: number;
  /** Returns the color of the highest threshold reached. */
  tone: Tone | null;
  /** What the color means; empty if that is not set. */
  label: string;
}

export function readGauge(config: JsonObject, rows: readonly Row[]): GaugeReading | Missing {
  const field = textOf(config, "field");
  const maxField = textOf(config, "maxField");
  if (!field) return { missing: t`Select the value column.` };
  const given = rows[0]?.[field];
  if (!isNumber(given)) return { missing: t`The first row has no number in “${field}”.` };
  const value = Number(given);
  const min = asNumber(config["min"]) ?? 0;
  if (maxField && asNumber(rows[0]?.[maxField]) === null)
    return { missing: t`The first row has no number in “${maxField}”.` };
  const max = (maxField ? asNumber(rows[0]?.[maxField]) : null) ?? asNumber(config["max"]) ?? 100;
  const share = max > min ? Math.min(1, Math.max(0, (value - min) / (max - min))) : 0;
  const threshold = thresholdAt(config, given);
  return { value, min, max, share, tone: threshold?.tone ?? null, label: threshold?.label ?? "" };
}

export function gaugeDrawing(
  config: JsonObject,
  rows: readonly Row[],
  ink: Ink,
  accent: string,
  columns: readonly Column[] = [],
): Drawing | Missing {
  const reading = readGauge(config, rows);
  if ("missing" in reading) return reading;
  return {
    option: optionOf(config, rows, reading, ink, accent, styleOf(config, textOf(config, "field"), columns)),
    seen: { columns: seenColumns(config, [], ["field", "maxField"], columns), rows: rows.slice(0, 1) },
    notes: [],
  };
}

type RingOf = (width: number) => object;

/** Returns what draws the ring in a width. */
const ringIn =
  (color: string, ink: Ink): RingOf =>
  (width) => ({
    progress: { show: true, width, roundCap: true, itemStyle: { color } },
    axisLine: { roundCap: true, lineStyle: { width, color: [[1, ink.ground]] } },
  });

function optionOf(
  config: JsonObject,
  rows: readonly Row[],
  reading: GaugeReading,
  ink: Ink,
  accent: string,
  style: FigureStyle,
) {
  const field = textOf(config, "field");
  const color = reading.tone ? ink.tones[reading.tone] : accent;
  const ring = ringIn(color, ink);
  return {
    ...common,
    series: [
      {
        type: "gauge",
        startAngle: 210,
        endAngle: -30,
        min: reading.min,
        max: reading.max > reading.min ? reading.max : reading.min + 1,
        splitNumber: 1,
        center: ["50%", "60%"],
        radius: "96%",
        ...ring(14),
        pointer: { show: false },
        axisTick: { show: false },
        splitLine: { show: false },
        axisLabel: {
          show: true,
          distance: -8,
          color: ink.muted,
          fontSize: 11,
          formatter: (value: number) => formatTick(value, style),
        },
        title: { show: reading.label !== "", offsetCenter: [0, "22%"], fontSize: 12, color: ink.muted },
        detail: {
          offsetCenter: [0, "-4%"],
          fontSize: 24,
          fontWeight: 600,
          color: ink.text,
          formatter: () => formatFigure(rows[0]?.[field] ?? reading.value, style),
        },
        data: [{ name: reading.label, value: Math.min(reading.max, Math.max(reading.min, reading.value)) }],
      },
    ],
    media: mediaOf(ring),
  };
}

/** Returns what small widgets show. */
function mediaOf(ring: RingOf) {
  const series = [
    { ...ring(9), axisLabel: { show: false }, title: { show: false }, detail: { fontSize: 16 } },
  ];
  return [
    { query: { maxHeight: 130 }, option: { series } },
    { query: { maxWidth: 170 }, option: { series } },
  ];
}
