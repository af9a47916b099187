import { describe, expect, it } from "vitest";
import { inks } from "../chart-theme";
import { mix } from "../chart-colors";
import { heatmapCells, heatmapDrawing } from "./heatmap";
import { built, drawn } from "./testing";

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
    expect(built(heatmapDrawing({ x: "x", y: "y", value: "n" }, rows, []))).toMatchObject({
      visualMap: { min: 0, max: 4 },
    });
    expect(heatmapDrawing({ x: "x" }, rows, [])).toHaveProperty("missing");
  });

  const of = (config: object) =>
    drawn(heatmapDrawing({ x: "x", y: "y", value: "n", ...config }, rows, [])) as unknown as {
      option: { visualMap: object; xAxis: object; yAxis: object; grid: object };
      notes: string[];
    };

  it("have the configured range, with a note on what is beyond it, and color", () => {
    const { option, notes } = of({ colorMin: 2, colorMax: 3.5, color: "#2f7fc1" });
    expect(option.visualMap).toMatchObject({
      min: 2,
      max: 3.5,
      inRange: { color: [0.9, 0.7, 0.48, 0.24, 0].map((share) => mix("#2f7fc1", inks.light.page, share)) },
    });
    expect(notes).toContain("1 value is outside the configured range. Change its minimum or maximum.");
    expect(of({}).option.visualMap).toMatchObject({ inRange: { color: inks.light.ramp } });
  });

  it("have titles, a legend in its place, and categories in their order", () => {
    const { option } = of({ xTitle: "Day", yTitle: "Host", legend: "right", yOrder: "largest" });
    expect(option).toMatchObject({
      xAxis: { name: "Day", data: ["Mon", "Tue"] },
      yAxis: { name: "Host", data: ["b", "a"] },
      visualMap: { show: true, orient: "vertical", right: 0 },
      grid: { right: 64 },
    });
    expect(of({ legend: "hidden" }).option.visualMap).toMatchObject({ show: false });
    const orders = ["rows", "axis", "largest", "smallest"].map(
      (yOrder) => heatmapCells(rows, ["x", "y", "n"], [], { yOrder, xOrder: "axis" }).down,
    );
    expect(orders).toEqual([
      ["a", "b"],
      ["a", "b"],
      ["b", "a"],
      ["a", "b"],
    ]);
  });
});
