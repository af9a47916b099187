import { t } from "@lingui/core/macro";
import type { JsonObject } from "@/lib/api/model";
import type { Row } from "@/lib/cells";
import { asNumber, formatFigure } from "@/lib/figures";
import { isOn, styleOf, textOf } from "../config";
import { categoryText, common, tooltipHtml, type ChartOption, type Missing } from "./shared";

/** As many as there are colours. */
const MAX_SLICES = 8;

export interface Slice {
  name: string;
  value: number;
  /** Its row; none for what was put together. */
  row?: number;
}

/** Shares, the largest first; the many small ones together as the last. */
export function pieSlices(rows: readonly Row[], label: string, value: string): Slice[] {
  const slices: Slice[] = rows.map((row, index) => ({ name: categoryText(row[label]), value: asNumber(row[value]) ?? 0, row: index })).filter((slice) => slice.value > 0);
  slices.sort((a, b) => b.value - a.value);
  if (slices.length <= MAX_SLICES) return slices;
  const rest = slices.slice(MAX_SLICES - 1);
  return [...slices.slice(0, MAX_SLICES - 1), { name: `Other (${rest.length})`, value: rest.reduce((sum, slice) => sum + slice.value, 0) }];
}

export function pieOption(config: JsonObject, rows: readonly Row[]): ChartOption | Missing {
  const label = textOf(config, "label");
  const value = textOf(config, "value");
  if (!label) return { missing: t`Choose the column that names each share.` };
  if (!value) return { missing: t`Choose the column with the size of each share.` };
  const style = styleOf(config);
  const data = pieSlices(rows, label, value);
  if (data.length === 0) return { missing: t`No row has a share above zero.` };
  return {
    ...common,
    // They are few: all of them are seen without paging.
    legend: { type: "plain", data: data.map(({ name }) => name) },
    tooltip: {
      trigger: "item",
      confine: true,
      formatter: ({ marker = "", name = "", value: size = 0, percent = 0 }: Record<string, string | number>) => tooltipHtml(String(marker), String(name), [["", `${formatFigure(size, style)} · ${percent} %`]]),
    },
    series: [{ type: "pie", label: { show: false }, emphasis: { scaleSize: 4 }, data }],
    media: pieMedia(isOn(config, "donut")),
  };
}

/** The names stand beside the pie where there is room, else in lines below it, else they are left to the tooltip. */
function pieMedia(donut: boolean): ChartOption[] {
  const pie = (center: [string, string], size: number) => [{ center, radius: donut ? [`${Math.round(size * 0.62)}%`, `${size}%`] : `${size}%` }];
  return [
    { option: { legend: { show: true, orient: "vertical", left: "auto", right: 0, top: "middle", bottom: "auto" }, series: pie(["34%", "50%"], 82) } },
    { query: { maxAspectRatio: 1.25 }, option: { legend: { show: true, orient: "horizontal", left: "center", right: "auto", top: "auto", bottom: 0 }, series: pie(["50%", "41%"], 72) } },
    { query: { maxAspectRatio: 1.25, maxWidth: 300 }, option: { series: pie(["50%", "36%"], 60) } },
    { query: { maxWidth: 280, maxHeight: 220 }, option: { legend: { show: false }, series: pie(["50%", "50%"], 86) } },
  ];
}
