import { describe, expect, it } from "vitest";
import { barOption, isTimeline, lineOption, pieOption, pieSlices } from "./chart-options";

const months = [
  { month: "2026-02-01", revenue: 20, refunds: "1.5" },
  { month: "2026-01-01", revenue: 10, refunds: null },
];
const config = { x: "month", series: [{ field: "revenue", label: "Revenue" }, { field: "refunds" }] };

interface Built {
  xAxis: { type: string; data?: string[] };
  yAxis: { type: string; inverse?: boolean; scale?: boolean };
  series: { name: string; type: string; data: unknown[]; stack?: string }[];
}
const built = (option: unknown) => option as Built;

describe("bars", () => {
  it("stand in the order of the rows, numbers as numbers and gaps as gaps", () => {
    const option = built(barOption(config, months));
    expect(option.xAxis.type).toBe("category");
    expect(option.series.map(({ name, data }) => [name, data])).toEqual([["Revenue", [20, 10]], ["refunds", [1.5, null]]]);
  });

  it("lie down with the first row on top, and stack", () => {
    const option = built(barOption({ ...config, horizontal: true, stacked: true }, months));
    expect([option.xAxis.type, option.yAxis.type, option.yAxis.inverse]).toEqual(["value", "category", true]);
    expect(new Set(option.series.map(({ stack }) => stack))).toEqual(new Set(["all"]));
  });

  it("say what is missing instead of drawing nothing", () => {
    expect(barOption({ series: config.series }, months)).toHaveProperty("missing");
    expect(barOption({ x: "month", series: [{ label: "no field" }, 7] }, months)).toHaveProperty("missing");
  });
});

describe("lines", () => {
  it("run over time, from the earliest moment on", () => {
    const option = built(lineOption(config, months));
    expect(option.xAxis.type).toBe("time");
    expect(option.series[0]?.data).toEqual([[new Date(2026, 0, 1).getTime(), 10], [new Date(2026, 1, 1).getTime(), 20]]);
  });

  it("run from category to category otherwise", () => {
    const rows = [{ month: "Jan", revenue: 1 }, { month: "Feb", revenue: 2 }];
    expect(isTimeline(rows, "month")).toBe(false);
    expect(built(lineOption(config, rows)).xAxis).toMatchObject({ type: "category", data: ["Jan", "Feb"] });
  });
});

describe("the axis of values", () => {
  it("starts at zero under bars and areas, and fits a line", () => {
    const stacked = { ...config, stacked: true };
    expect([barOption(config, months), lineOption(stacked, months), lineOption(config, months)].map((option) => built(option).yAxis.scale)).toEqual([false, false, true]);
  });
});

describe("pies", () => {
  const rows = Array.from({ length: 20 }, (_, index) => ({ name: `n${index}`, size: index }));

  it("put the largest first and the many small ones together", () => {
    const slices = pieSlices(rows, "name", "size");
    expect(slices).toHaveLength(8);
    expect(slices[0]).toEqual({ name: "n19", value: 19 });
    expect(slices.at(-1)?.name).toBe("Other (12)");
    expect(slices.reduce((sum, { value }) => sum + value, 0)).toBe(190);
  });

  it("leave out what is no share", () => {
    expect(pieSlices([{ n: "a", v: -1 }, { n: "b", v: null }, { n: null, v: 2 }], "n", "v")).toEqual([{ name: "–", value: 2 }]);
  });

  it("name every share without paging", () => {
    const option = pieOption({ label: "name", value: "size" }, rows) as { legend: { type: string; data: string[] } };
    expect([option.legend.type, option.legend.data.length]).toEqual(["plain", 8]);
  });

  it("write names into the tooltip as text", () => {
    const option = pieOption({ label: "n", value: "v" }, [{ n: "<img src=x>", v: 1 }]) as { tooltip: { formatter: (slice: object) => string } };
    expect(option.tooltip.formatter({ marker: "", name: "<img src=x>", value: 1, percent: 100 })).not.toContain("<img");
  });
});
