import { describe, expect, it } from "vitest";
import { scatterDrawing } from "./scatter";
import { rowIndexOf } from "./shared";
import { palette } from "../chart-theme";
import { built, drawn } from "./testing";

describe("scatter charts", () => {
  const rows = [
    { a: 1, b: 2, s: 4, g: "x" },
    { a: "oops", b: 1, g: "x" },
    { a: 3, b: 5, s: 16, g: "y" },
  ];
  interface Scatter {
    series: {
      name: string;
      data: { value: unknown[]; row: number }[];
      symbolSize: ((value: unknown[]) => number) | number;
    }[];
    xAxis: { type: string };
  }

  it("show the rows that have both coordinates, each with its row", () => {
    const { series } = built(scatterDrawing({ x: "a", y: "b" }, rows)) as unknown as Scatter;
    expect(series.map(({ data }) => data.map(({ value, row }) => [value, row]))).toEqual([
      [
        [[1, 2, null], 0],
        [[3, 5, null], 2],
      ],
    ]);
    expect(rowIndexOf({ data: series[0]?.data[1] })).toBe(2);
  });

  it("color by group, and size bubbles by area", () => {
    const { series } = built(
      scatterDrawing({ x: "a", y: "b", size: "s", group: "g" }, rows),
    ) as unknown as Scatter;
    expect(series.map(({ name }) => name)).toEqual(["x", "y"]);
    const size = series[0]?.symbolSize as (value: unknown[]) => number;
    expect([size([0, 0, 16]), size([0, 0, 4]), size([0, 0, null])]).toEqual([38, 22, 6]);
  });

  it("merge groups beyond the eighth", () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ a: index, b: index, g: `g${index}` }));
    const { series } = built(scatterDrawing({ x: "a", y: "b", group: "g" }, many)) as unknown as Scatter;
    expect([series.length, series.at(-1)?.name, series.at(-1)?.data.length]).toEqual([8, "Other", 5]);
  });

  interface Parts {
    option: { xAxis: object; yAxis: object; legend: object; series: { data: object[]; itemStyle: object }[] };
    notes: string[];
  }
  const points = [
    { a: 0, b: 10, g: "x" },
    { a: 5, b: 100, g: "y" },
  ];
  const of = (config: object, given: Record<string, unknown>[] = points) =>
    drawn(scatterDrawing({ x: "a", y: "b", ...config }, given)) as unknown as Parts;

  it("have titles, ranges, reference lines, and a legend in its place", () => {
    const config = { xTitle: "Age", yTitle: "Price", xMin: -1, yMax: 50, lines: [{ value: 40 }] };
    const { option, notes } = of({ ...config, group: "g", legend: "bottom" });
    expect(option).toMatchObject({
      xAxis: { name: "Age", min: -1 },
      yAxis: { name: "Price", max: 50 },
      legend: { bottom: 0 },
      series: [{ markLine: { data: [{ yAxis: 40 }] } }, {}],
    });
    expect(notes).toEqual(["1 value is outside the configured range. Change its minimum or maximum."]);
    expect(of({}).option.legend).toEqual({ show: false });
  });

  it("can be logarithmic, and say which points that hides", () => {
    const { option, notes } = of({ xLog: true });
    expect([option.xAxis, option.series[0]?.data.length]).toMatchObject([{ type: "log" }, 1]);
    expect(notes).toEqual([
      "1 value at or below zero cannot be shown on a logarithmic axis. Use an axis that is not logarithmic.",
    ]);
  });

  it("have the colors of their groups, and say which groups share one", () => {
    const { option } = of({ group: "g", colors: { y: "teal" } });
    expect(option.series[1]?.itemStyle).toMatchObject({ color: palette.light[2] });
    const many = Array.from({ length: 12 }, (_, index) => ({ a: index, b: index, g: `g${index}` }));
    expect(of({ group: "g" }, many).notes).toEqual([
      "g has 12 values. The 5 with the fewest points are combined as “Other”. Filter them in the query.",
    ]);
  });
});
