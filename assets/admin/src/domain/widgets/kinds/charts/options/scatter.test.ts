import { describe, expect, it } from "vitest";
import { scatterDrawing } from "./scatter";
import { rowIndexOf } from "./shared";
import { built } from "./testing";

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
});
