import { describe, expect, it } from "vitest";
import type { Row } from "@/lib/rows/cells";
import { inks, palette } from "../chart-theme";
import { barDrawing, lineDrawing } from "../options/cartesian";
import { pieDrawing } from "../options/pie";
import { heatmapDrawing } from "../options/heatmap";
import { seriesShown } from "./selected-marks";
import { drawn } from "../options/testing";

const rows = [
  { name: "a", n: 1 },
  { name: "b", n: 2 },
];
const config = { x: "name", y: "name", label: "name", value: "n", series: [{ field: "n" }] };
const isB = (row: Row) => row["name"] === "b";

interface Shown {
  data?: { value?: unknown; itemStyle?: { opacity?: number; borderWidth?: number }; symbol?: string }[];
  showSymbol?: boolean;
  cursor?: string;
}
const shown = (...given: Parameters<typeof seriesShown>) => seriesShown(...given) as Shown[];

describe("the selected mark", () => {
  it("is outlined, and the other marks are faded", () => {
    for (const drawing of [barDrawing(config, rows), pieDrawing(config, rows)]) {
      const [series] = shown(drawn(drawing), isB, inks.light);
      const styles = series?.data?.map(({ value, itemStyle }) => [
        value,
        itemStyle?.opacity,
        itemStyle?.borderWidth,
      ]);
      expect(styles).toContainEqual([1, 0.3, undefined]);
      expect(styles).toContainEqual([2, 1, 2]);
    }
  });

  it("of a line is a point, even if the line has none", () => {
    const many = Array.from({ length: 50 }, (_, index) => ({ name: `n${index}`, n: index }));
    const [series] = shown(drawn(lineDrawing(config, many)), (row) => row["name"] === "n7", inks.light);
    expect(series?.showSymbol).toBe(true);
    expect(series?.data?.filter(({ symbol }) => symbol !== "none").map(({ value }) => value)).toEqual([7]);
  });

  it("of a heat map does not change the colors, which are values", () => {
    const [series] = shown(drawn(heatmapDrawing(config, rows, [])), isB, inks.light);
    expect(series?.data?.map(({ itemStyle }) => itemStyle)).toEqual([
      undefined,
      { borderColor: inks.light.text, borderWidth: 2, opacity: 1 },
    ]);
  });

  it("changes nothing without a selection, and shows the hand cursor only over selectable marks", () => {
    const drawing = drawn(barDrawing(config, rows, [], { ink: inks.dark, palette: palette.dark }));
    expect(seriesShown(drawing, () => false, inks.dark)).toBe(drawing.option["series"]);
    expect(shown(drawing, undefined, inks.dark).map(({ cursor }) => cursor)).toEqual(["default"]);
  });
});
