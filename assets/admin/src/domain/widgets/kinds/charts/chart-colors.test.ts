import { describe, expect, it } from "vitest";
import { barDrawing } from "./options/cartesian";
import { pieDrawing } from "./options/pie";
import { plainContext } from "./options/shared";
import { built, drawn } from "./options/testing";

describe("statuses", () => {
  const rows = [
    { month: "Jan", status: "paid", n: 3 },
    { month: "Jan", status: "refunded", n: 1 },
    { month: "Jan", status: "delivered", n: 2 },
  ];
  const columns = [
    { name: "month", type: "text" },
    { name: "status", type: "text" },
    { name: "n", type: "integer" },
  ];
  const { tones } = plainContext.ink;

  it("have the colors of their badges, in shades where several have the same", () => {
    const { option } = drawn(
      barDrawing({ x: "month", split: "status", series: [{ field: "n" }] }, rows, columns),
    );
    const series = option["series"] as { name: string; itemStyle?: { color: string } }[];
    const colors = new Map(series.map(({ name, itemStyle }) => [name, itemStyle?.color]));
    expect(colors.get("refunded")).toBe(tones.red);
    expect(colors.get("delivered")).toBe(tones.green);
    expect(colors.get("paid")).not.toBe(tones.green);
    expect(colors.get("paid")).toMatch(/^#/);
  });

  it("color the bars of an axis of statuses, unless the series has a color", () => {
    const bars = (series: object) => {
      const drawing = barDrawing({ x: "status", series: [{ field: "n", ...series }] }, rows, columns);
      return built(drawing).series[0]?.data;
    };
    expect(bars({})?.[1]).toEqual({ value: 1, itemStyle: { color: tones.red } });
    expect(bars({ color: "teal" })).toEqual([3, 1, 2]);
  });

  it("color the slices of a pie", () => {
    const { option } = drawn(pieDrawing({ label: "status", value: "n" }, rows, columns));
    const [{ data }] = option["series"] as [{ data: { name: string; itemStyle?: object }[] }];
    expect(data.find(({ name }) => name === "refunded")?.itemStyle).toEqual({ color: tones.red });
  });
});
