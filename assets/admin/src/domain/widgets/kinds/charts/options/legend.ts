import type { JsonObject } from "@/lib/api/model";
import { shorten } from "@/lib/format/shorten";
import { textOf } from "../../config";
import { escapeHtml, type ChartOption } from "./shared";

/** The most characters of a name in a legend beside the chart, and above or below it. */
const [RIGHT, ABOVE] = [16, 28];
/** The room for a legend beside the chart, in pixels. */
export const RIGHT_OF_GRID = 146;

export type LegendPlace = "top" | "bottom" | "right" | "hidden";

/** Returns where the legend is set to be; null if that is automatic. */
export function legendSetting(config: JsonObject): LegendPlace | null {
  const place = textOf(config, "legend");
  return place === "top" || place === "bottom" || place === "right" || place === "hidden" ? place : null;
}

/** Returns where the legend is: at the top if there are several series. */
export const legendPlace = (config: JsonObject, count: number): LegendPlace =>
  legendSetting(config) ?? (count > 1 ? "top" : "hidden");

export function legendOf(place: LegendPlace, names: string[]): ChartOption {
  const shared = {
    type: "scroll",
    itemGap: 12,
    data: names,
    formatter: (name: string) => shorten(name, place === "right" ? RIGHT : ABOVE),
    tooltip: { show: true, formatter: ({ name = "" }: { name?: string }) => escapeHtml(name) },
  };
  switch (place) {
    case "hidden":
      return { show: false };
    case "top":
      return { ...shared, top: 0, left: 0 };
    case "bottom":
      return { ...shared, bottom: 0, left: 0 };
    case "right":
      return {
        ...shared,
        orient: "vertical",
        right: 0,
        top: "middle",
        textStyle: { width: RIGHT_OF_GRID - 28, overflow: "truncate" },
      };
  }
}
