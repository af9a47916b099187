import { t } from "@lingui/core/macro";
import type { Column, JsonObject } from "@/lib/api/model";
import { sumOf } from "@/lib/format/decimals";
import { formatFigure, type FigureStyle } from "@/lib/format/figures";
import { categoriesOf, groupsOf, mergeRows } from "@/lib/rows/categories";
import type { Row } from "@/lib/rows/cells";
import { isOn, labelOfColumn, styleOf, textOf } from "../../config";
import type { Ink } from "../chart-theme";
import {
  common,
  largestOf,
  leftOut,
  rowIndexOf,
  TINY,
  tooltipHtml,
  withoutNumbers,
  type Drawing,
  type Missing,
} from "./shared";

export interface FunnelStep {
  name: string;
  value: number;
  exact: number | string;
  /** Its row among the shown ones. */
  row: number;
  /** The fraction left of the first and of the previous step, from 0 to 1. */
  ofFirst: number;
  ofBefore: number;
}

/** Merges the rows of each name, with their sum. */
function drawnRows(config: JsonObject, rows: readonly Row[], columns: readonly Column[]) {
  const [label, value] = [textOf(config, "label"), textOf(config, "value")];
  return groupsOf(rows, label, categoriesOf(rows, label, columns)).map((group) => {
    const exact = sumOf(group.rows.map((row) => row[value]));
    return {
      name: group.label,
      exact,
      row: mergeRows(group.rows, { [label]: group.value, [value]: exact }),
      many: group.rows.length > 1,
    };
  });
}

/** Returns the steps from top to bottom. */
export function funnelSteps(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[] = [],
): FunnelStep[] {
  const steps = drawnRows(config, rows, columns).flatMap(({ name, exact }, row) =>
    exact === null ? [] : [{ name, exact, value: Number(exact), row }],
  );
  if (isOn(config, "sorted")) steps.sort((a, b) => b.value - a.value);
  const share = (part: number, whole: number | undefined) => (whole ? part / whole : 0);
  return steps.map((step, index) => ({
    ...step,
    ofFirst: share(step.value, steps[0]?.value),
    ofBefore: index === 0 ? 1 : share(step.value, steps[index - 1]?.value),
  }));
}

/** Blends two colors, both as `#rrggbb`. */
export function mix(from: string, to: string, share: number): string {
  const channel = (hex: string, at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
  const mixed = [1, 3, 5].map((at) =>
    Math.round(channel(from, at) + (channel(to, at) - channel(from, at)) * share),
  );
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

const percent = (share: number) => formatFigure(share, { format: "percent" });

export function funnelDrawing(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[],
  ink: Ink,
  color: string,
): Drawing | Missing {
  if (!textOf(config, "label")) return { missing: t`Select the column with the step labels.` };
  if (!textOf(config, "value")) return { missing: t`Select the column with the value of each step.` };
  const [label, value] = [textOf(config, "label"), textOf(config, "value")];
  const mute = withoutNumbers(rows, value);
  if (mute) return mute;
  const style = styleOf(config, value, columns);
  const [drawn, steps] = [drawnRows(config, rows, columns), funnelSteps(config, rows, columns)];
  if (steps.some((step) => step.value < 0))
    return { missing: t`A funnel chart cannot show negative values. Use a bar chart instead.` };
  const notes = [
    ...(drawn.some(({ many }) => many) ? [t`Rows with the same ${label} are summed.`] : []),
    ...leftOut(drawn.length - steps.length, value),
  ];
  const seen = {
    columns: [
      { field: label, label: labelOfColumn(columns, label), figure: false },
      { field: value, label: labelOfColumn(columns, value), figure: true },
    ],
    rows: drawn.map(({ row }) => row),
  };
  return {
    option: optionOf(steps, style, ink, color),
    seen,
    notes,
    pick: (params) => seen.rows[rowIndexOf(params) ?? -1],
  };
}

function optionOf(steps: readonly FunnelStep[], style: FigureStyle, ink: Ink, color: string) {
  return {
    ...common,
    tooltip: {
      trigger: "item",
      confine: true,
      formatter: ({ marker = "", data }: { marker?: string; data: FunnelStep }) =>
        tooltipHtml(marker, data.name, [
          ["", formatFigure(data.exact, style)],
          [t`of the first step`, percent(data.ofFirst)],
          [t`of the previous step`, percent(data.ofBefore)],
        ]),
    },
    series: [
      {
        type: "funnel",
        sort: "none",
        gap: 2,
        left: "2%",
        right: "46%",
        top: 4,
        bottom: 4,
        min: 0,
        max: largestOf(steps.map(({ value }) => value)) || 1,
        minSize: "4%",
        label: {
          show: true,
          position: "right",
          color: ink.text,
          formatter: ({ data }: { data: FunnelStep }) =>
            `${data.name}  {strong|${formatFigure(data.exact, style)}}  ${percent(data.ofFirst)}`,
          rich: { strong: { fontWeight: 600 } },
          overflow: "truncate",
        },
        labelLine: { length: 8, lineStyle: { color: ink.muted } },
        // One fading color: the steps are decreasing parts of one quantity.
        data: steps.map((step, index) => ({
          ...step,
          itemStyle: {
            color: mix(color, ink.page, (0.6 * index) / Math.max(1, steps.length - 1)),
            borderWidth: 0,
          },
        })),
      },
    ],
    media: mediaOf(ink),
  };
}

/** Returns what small widgets show. */
function mediaOf(ink: Ink) {
  return [
    {
      query: { maxWidth: 300 },
      option: {
        series: [
          {
            right: "2%",
            label: {
              position: "inside",
              color: ink.text,
              textBorderColor: ink.page,
              textBorderWidth: 2,
              formatter: ({ data }: { data: FunnelStep }) => data.name,
            },
          },
        ],
      },
    },
    {
      query: TINY,
      option: { series: [{ right: "2%", label: { show: false }, labelLine: { show: false } }] },
    },
  ];
}
