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

/** In pixels: the height of a line of the legend, the width of an entry without its name, and of a character. */
const [LINE, MARK, LETTER] = [26, 27, 7];
/** The widths of charts for which the lines are counted, in pixels: from, to, and the steps between them. */
const [NARROW, WIDE, STEP] = [220, 1600, 20];
/** The most lines before a legend gets pages instead. */
const MOST_LINES = 4;

/** Returns how many lines the names take above or below a chart of a width. */
function linesOf(names: readonly string[], width: number): number {
  let [lines, x] = [1, 0];
  for (const name of names) {
    const wide = MARK + LETTER * Math.min(name.length, ABOVE);
    if (x > 0 && x + wide > width) [lines, x] = [lines + 1, 0];
    x += wide;
  }
  return lines;
}

/**
 * Returns the rules that make room for the lines of the legend, by the width of the chart. `room` is the room for one
 * line.
 */
export function legendMedia(place: LegendPlace, names: readonly string[], room: number): ChartOption[] {
  if (place !== "top" && place !== "bottom") return [];
  const media: ChartOption[] = [];
  // Each width has exactly one range: a chart that grows again gets its room back.
  for (let [from, width] = [0, NARROW]; width <= WIDE; width += STEP) {
    const lines = Math.min(MOST_LINES, linesOf(names, width));
    const isLast = width === WIDE;
    if (!isLast && Math.min(MOST_LINES, linesOf(names, width + STEP)) === lines) continue;
    media.push({
      query: { minWidth: from, ...(isLast ? {} : { maxWidth: width + STEP - 1 }) },
      option: { grid: { [place]: room + (lines - 1) * LINE } },
    });
    from = width + STEP;
  }
  return media;
}

export function legendOf(place: LegendPlace, names: string[]): ChartOption {
  const shared = {
    type: place === "right" || linesOf(names, NARROW) > MOST_LINES ? "scroll" : "plain",
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
