import { t } from "@lingui/core/macro";
import type { Column, JsonObject } from "@/lib/api/model";
import { sumOf } from "@/lib/format/decimals";
import { formatFigure, type FigureStyle } from "@/lib/format/figures";
import { categoriesOf, groupsOf, mergeRows } from "@/lib/rows/categories";
import { columnNamed, type Row } from "@/lib/rows/cells";
import { isOn, labelOfColumn, styleOf, textOf } from "../../config";
import { colorOfSetting, colorOfValue, hexOf, mix } from "../chart-colors";
import type { Ink } from "../chart-theme";
import { leftOut, mixedNotes, stepNotes, truncation } from "./notices/notices";
import {
  common,
  largestOf,
  plainContext,
  rowIndexOf,
  TINY,
  tooltipHtml,
  withoutNumbers,
  type ChartOption,
  type Drawing,
  type DrawingContext,
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
      value: group.value,
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

const percent = (share: number) => formatFigure(share, { format: "percent" });

export function funnelDrawing(
  config: JsonObject,
  rows: readonly Row[],
  columns: readonly Column[] = [],
  context: DrawingContext = plainContext,
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
  const isSummed = drawn.some(({ many }) => many);
  const notes = [
    ...truncation(context.truncated, rows.length),
    ...(isSummed ? [t`Rows with the same ${labelOfColumn(columns, label)} are summed.`] : []),
    ...mixedNotes(rows, columns, [label], isSummed),
    ...stepNotes(steps),
    ...leftOut(drawn.length - steps.length, value),
  ];
  const seen = {
    columns: [
      {
        field: label,
        label: textOf(config, "categoryTitle") || labelOfColumn(columns, label),
        figure: false,
      },
      { field: value, label: textOf(config, "axisTitle") || labelOfColumn(columns, value), figure: true },
    ],
    rows: drawn.map(({ row }) => row),
  };
  return {
    option: optionOf(config, steps, style, {
      ink: context.ink,
      colors: stepColors(config, steps, columnNamed(columns, label), { context, values: drawn }),
    }),
    seen,
    notes,
    pick: (params) => seen.rows[rowIndexOf(params) ?? -1],
  };
}

/** Returns the color of each step: its own, or one fading color, because the steps are parts of one quantity. */
function stepColors(
  config: JsonObject,
  steps: readonly FunnelStep[],
  column: Column,
  { context, values }: { context: DrawingContext; values: ReturnType<typeof drawnRows> },
): string[] {
  const base = hexOf(colorOfSetting(config["color"]) ?? { palette: 0 }, context);
  return steps.map(({ row }, index) => {
    const own = colorOfValue(config, column, values[row]?.value);
    const share = (0.6 * index) / Math.max(1, steps.length - 1);
    return own ? hexOf(own, context) : mix(base, context.ink.page, share);
  });
}

/** The height of the titles above a funnel, in pixels. */
const TITLE = 22;

function titleOf(config: JsonObject, { muted }: Ink): ChartOption | null {
  const text = ["categoryTitle", "axisTitle"]
    .map((name) => textOf(config, name))
    .filter(Boolean)
    .join(" · ");
  const textStyle = { color: muted, fontSize: 12, fontWeight: 400 };
  return text ? { text, left: "2%", top: 0, padding: 0, textStyle } : null;
}

function optionOf(
  config: JsonObject,
  steps: readonly FunnelStep[],
  style: FigureStyle,
  { ink, colors }: { ink: Ink; colors: readonly string[] },
) {
  const title = titleOf(config, ink);
  return {
    ...common,
    ...(title ? { title } : {}),
    tooltip: {
      trigger: "item",
      confine: true,
      formatter: ({ marker = "", data }: { marker?: string; data: FunnelStep }) =>
        tooltipHtml(marker, data.name, [
          [textOf(config, "axisTitle"), formatFigure(data.exact, style)],
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
        top: title ? TITLE : 4,
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
        data: steps.map((step, index) => ({ ...step, itemStyle: { color: colors[index], borderWidth: 0 } })),
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
      option: {
        title: { show: false },
        series: [{ top: 4, right: "2%", label: { show: false }, labelLine: { show: false } }],
      },
    },
  ];
}
