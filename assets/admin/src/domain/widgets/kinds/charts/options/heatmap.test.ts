import { describe, expect, it } from "vitest";
import { inks } from "../chart-theme";
import { heatmapCells, heatmapDrawing } from "./heatmap";
import { built } from "./testing";

describe("heatmaps", () => {
  const rows = [
    { x: "Mon", y: "a", n: 1 },
    { x: "Tue", y: "b", n: 4 },
    { x: "Mon", y: "a", n: 2 },
    { x: "Mon", y: "b", n: null },
  ];

  it("sum values of the same pair", () => {
    expect(heatmapCells(rows, ["x", "y", "n"])).toMatchObject({
      across: ["Mon", "Tue"],
      down: ["a", "b"],
      cells: [
        { value: [0, 0, 3], row: 0 },
        { value: [1, 1, 4], row: 1 },
      ],
    });
  });

  it("keep the hours of a day apart", () => {
    const hours = [9, 10, 11, 9].map((hour, index) => ({
      at: `2026-03-01T${String(hour).padStart(2, "0")}:00:00`,
      host: index === 3 ? "b" : "a",
      n: hour,
    }));
    const { across, cells } = heatmapCells(hours, ["at", "host", "n"]);
    expect([new Set(across).size, cells.map(({ value }) => value)]).toEqual([
      3,
      [
        [0, 0, 9],
        [1, 0, 10],
        [2, 0, 11],
        [0, 1, 9],
      ],
    ]);
  });

  it("range from zero to the maximum", () => {
    expect(built(heatmapDrawing({ x: "x", y: "y", value: "n" }, rows, [], inks.light))).toMatchObject({
      visualMap: { min: 0, max: 4 },
    });
    expect(heatmapDrawing({ x: "x" }, rows, [], inks.light)).toHaveProperty("missing");
  });
});
