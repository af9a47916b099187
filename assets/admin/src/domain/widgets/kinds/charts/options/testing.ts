import type { Drawing, Missing } from "./shared";

interface Built {
  xAxis: { type: string; data?: string[] };
  yAxis: { type: string; inverse?: boolean; scale?: boolean };
  series: { name: string; type: string; data: unknown[]; stack?: string }[];
}
/** What the tests expect of a drawing: that nothing is missing. */
export const drawn = (drawing: Drawing | Missing) => drawing as Drawing;
/** The parts of its options that the tests look at. */
export const built = (drawing: Drawing | Missing) => (drawing as Drawing).option as unknown as Built;
