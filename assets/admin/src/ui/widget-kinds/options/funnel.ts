import { t } from "@lingui/core/macro";
import type { JsonObject } from "@/lib/api/model";
import type { Row } from "@/lib/cells";
import { asNumber, formatFigure } from "@/lib/figures";
import type { Ink } from "../chart-theme";
import { isOn, styleOf, textOf } from "../config";
import { categoryText, common, largestOf, TINY, tooltipHtml, type ChartOption, type Missing } from "./shared";

export interface FunnelStep {
  name: string;
  value: number;
  row: number;
  /** What is left of the first step and of the step before, from 0 to 1. */
  ofFirst: number;
  ofBefore: number;
}

/** The steps from the top to the bottom. */
export function funnelSteps(config: JsonObject, rows: readonly Row[]): FunnelStep[] {
  const [label, value] = [textOf(config, "label"), textOf(config, "value")];
  const steps = rows.map((row, index) => ({ name: categoryText(row[label]), value: asNumber(row[value]) ?? 0, row: index }));
  if (isOn(config, "sorted")) steps.sort((a, b) => b.value - a.value);
  const share = (part: number, whole: number | undefined) => (whole ? part / whole : 0);
  return steps.map((step, index) => ({ ...step, ofFirst: share(step.value, steps[0]?.value), ofBefore: index === 0 ? 1 : share(step.value, steps[index - 1]?.value) }));
}

/** A colour on its way to another, both as `#rrggbb`. */
export function mix(from: string, to: string, share: number): string {
  const channel = (hex: string, at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
  const mixed = [1, 3, 5].map((at) => Math.round(channel(from, at) + (channel(to, at) - channel(from, at)) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

const percent = (share: number) => formatFigure(share, { format: "percent" });

export function funnelOption(config: JsonObject, rows: readonly Row[], ink: Ink, color: string): ChartOption | Missing {
  if (!textOf(config, "label")) return { missing: t`Choose the column that names each step.` };
  if (!textOf(config, "value")) return { missing: t`Choose the column with how many are left.` };
  const style = styleOf(config);
  const steps = funnelSteps(config, rows);
  return {
    ...common,
    tooltip: {
      trigger: "item",
      confine: true,
      formatter: ({ marker = "", data }: { marker?: string; data: FunnelStep }) => tooltipHtml(marker, data.name, [["", formatFigure(data.value, style)], ["of the first step", percent(data.ofFirst)], ["of the step before", percent(data.ofBefore)]]),
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
        label: { show: true, position: "right", color: ink.text, formatter: ({ data }: { data: FunnelStep }) => `${data.name}  {strong|${formatFigure(data.value, style)}}  ${percent(data.ofFirst)}`, rich: { strong: { fontWeight: 600 } }, overflow: "truncate" },
        labelLine: { length: 8, lineStyle: { color: ink.muted } },
        // One colour that fades: the steps are one thing, less and less of it.
        data: steps.map((step, index) => ({ ...step, itemStyle: { color: mix(color, ink.page, (0.6 * index) / Math.max(1, steps.length - 1)), borderWidth: 0 } })),
      },
    ],
    media: [{ query: { maxWidth: 300 }, option: { series: [{ right: "2%", label: { position: "inside", color: ink.text, textBorderColor: ink.page, textBorderWidth: 2, formatter: ({ data }: { data: FunnelStep }) => data.name } }] } }, { query: TINY, option: { series: [{ right: "2%", label: { show: false }, labelLine: { show: false } }] } }],
  };
}
