import { describe, expect, it } from "vitest";
import { inks } from "../chart-theme";
import { areaOption, barOption, isTimeline, lineOption } from "./cartesian";
import { funnelOption, funnelSteps, mix } from "./funnel";
import { gaugeOption, readGauge } from "./gauge";
import { heatmapCells, heatmapOption } from "./heatmap";
import { within } from "../use-map-view";
import { extentOf, mapOption, mapPoints } from "./map";
import { pieOption, pieSlices } from "./pie";
import { scatterOption } from "./scatter";
import { alternativeColumns, rowIndexOf } from "./shared";

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
    const option = built(barOption({ ...config, horizontal: true, stack: "normal" }, months));
    expect([option.xAxis.type, option.yAxis.type, option.yAxis.inverse]).toEqual(["value", "category", true]);
    expect(new Set(option.series.map(({ stack }) => stack))).toEqual(new Set(["all"]));
  });

  it("stand as shares of their row where they are stacked to 100 %", () => {
    const option = built(barOption({ ...config, stack: "percent" }, [{ month: "a", revenue: 30, refunds: 10 }, { month: "b", revenue: 0, refunds: 0 }]));
    expect(option.series.map(({ data }) => data)).toEqual([[0.75, null], [0.25, null]]);
    expect(option.yAxis).toMatchObject({ max: 1 });
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
    const fromZero = { ...config, fromZero: true };
    expect([barOption(config, months), areaOption(config, months), lineOption(fromZero, months), lineOption(config, months)].map((option) => built(option).yAxis.scale)).toEqual([false, false, false, true]);
  });
});

describe("pies", () => {
  const rows = Array.from({ length: 20 }, (_, index) => ({ name: `n${index}`, size: index }));

  it("put the largest first and the many small ones together", () => {
    const slices = pieSlices(rows, "name", "size");
    expect(slices).toHaveLength(8);
    expect(slices[0]).toEqual({ name: "n19", value: 19, row: 19 });
    expect(slices.at(-1)).not.toHaveProperty("row");
    expect(slices.at(-1)?.name).toBe("Other (12)");
    expect(slices.reduce((sum, { value }) => sum + value, 0)).toBe(190);
  });

  it("leave out what is no share", () => {
    expect(pieSlices([{ n: "a", v: -1 }, { n: "b", v: null }, { n: null, v: 2 }], "n", "v")).toEqual([{ name: "–", value: 2, row: 2 }]);
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

describe("scatter charts", () => {
  const rows = [{ a: 1, b: 2, s: 4, g: "x" }, { a: "oops", b: 1, g: "x" }, { a: 3, b: 5, s: 16, g: "y" }];
  interface Scatter {
    series: { name: string; data: { value: unknown[]; row: number }[]; symbolSize: ((value: unknown[]) => number) | number }[];
    xAxis: { type: string };
  }

  it("draw the rows that have both coordinates, each knowing its row", () => {
    const { series } = scatterOption({ x: "a", y: "b" }, rows) as unknown as Scatter;
    expect(series.map(({ data }) => data.map(({ value, row }) => [value, row]))).toEqual([[[[1, 2, null], 0], [[3, 5, null], 2]]]);
    expect(rowIndexOf({ data: series[0]?.data[1] })).toBe(2);
  });

  it("colour by group, and size bubbles by their area", () => {
    const { series } = scatterOption({ x: "a", y: "b", size: "s", group: "g" }, rows) as unknown as Scatter;
    expect(series.map(({ name }) => name)).toEqual(["x", "y"]);
    const size = series[0]?.symbolSize as (value: unknown[]) => number;
    expect([size([0, 0, 16]), size([0, 0, 4]), size([0, 0, null])]).toEqual([38, 22, 6]);
  });

  it("put groups beyond the eighth together", () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ a: index, b: index, g: `g${index}` }));
    const { series } = scatterOption({ x: "a", y: "b", group: "g" }, many) as unknown as Scatter;
    expect([series.length, series.at(-1)?.name, series.at(-1)?.data.length]).toEqual([8, "Other", 5]);
  });
});

describe("heatmaps", () => {
  const rows = [{ x: "Mon", y: "a", n: 1 }, { x: "Tue", y: "b", n: 4 }, { x: "Mon", y: "a", n: 2 }, { x: "Mon", y: "b", n: null }];

  it("add up what belongs to the same pair", () => {
    expect(heatmapCells(rows, ["x", "y", "n"])).toEqual({ across: ["Mon", "Tue"], down: ["a", "b"], cells: [{ value: [0, 0, 3], row: 0 }, { value: [1, 1, 4], row: 1 }] });
  });

  it("reach from zero to the most", () => {
    expect(heatmapOption({ x: "x", y: "y", value: "n" }, rows, inks.light)).toMatchObject({ visualMap: { min: 0, max: 4 } });
    expect(heatmapOption({ x: "x" }, rows, inks.light)).toHaveProperty("missing");
  });
});

describe("gauges", () => {
  it("read their figure between two limits, which a column may hold", () => {
    expect(readGauge({ field: "n", maxField: "goal" }, [{ n: 30, goal: 120 }])).toMatchObject({ value: 30, min: 0, max: 120, share: 0.25, tone: null });
    expect(readGauge({ field: "n", min: 10, max: 20 }, [{ n: 5 }])).toMatchObject({ share: 0 });
    expect(readGauge({ field: "n" }, [{ n: "?" }])).toHaveProperty("missing");
  });

  it("take the colour of the threshold that was passed last, in whatever order they stand", () => {
    const thresholds = [{ from: 80, color: "green" }, { from: 0, color: "red" }, { from: 50, color: "amber" }];
    expect([10, 50, 99].map((n) => readGauge({ field: "n", thresholds }, [{ n }]))).toMatchObject([{ tone: "red" }, { tone: "amber" }, { tone: "green" }]);
    expect(gaugeOption({ field: "n", thresholds }, [{ n: 99 }], inks.dark, "#fff")).toMatchObject({ series: [{ progress: { itemStyle: { color: inks.dark.tones.green } } }] });
  });
});

describe("funnels", () => {
  const rows = [{ s: "Visits", n: 200 }, { s: "Baskets", n: 50 }, { s: "Orders", n: 40 }];

  it("say what is left of the first step and of the one before", () => {
    expect(funnelSteps({ label: "s", value: "n" }, rows).map(({ ofFirst, ofBefore }) => [ofFirst, ofBefore])).toEqual([[1, 1], [0.25, 0.25], [0.2, 0.8]]);
  });

  it("keep the order of the rows unless the largest is to stand on top", () => {
    const upside = [...rows].reverse();
    expect(funnelSteps({ label: "s", value: "n" }, upside)[0]?.name).toBe("Orders");
    expect(funnelSteps({ label: "s", value: "n", sorted: true }, upside)[0]).toMatchObject({ name: "Visits", row: 2 });
    expect(funnelOption({ label: "s" }, rows, inks.light, "#000000")).toHaveProperty("missing");
  });
});

it("mixes colours", () => {
  expect([mix("#000000", "#ffffff", 0), mix("#000000", "#ffffff", 0.5), mix("#102030", "#ffffff", 1)]).toEqual(["#000000", "#808080", "#ffffff"]);
});

describe("maps", () => {
  it("are never seen from further away than all of it, nor from beside it", () => {
    const europe = [[-10, 60], [30, 35]] as const satisfies Parameters<typeof within>[1];
    expect(within({ center: [90, 10], zoom: 0.2 }, europe)).toEqual({ center: [30, 35], zoom: 1 });
    expect(within({ center: [5, 50], zoom: 1000 }, europe)).toEqual({ center: [5, 50], zoom: 32 });
    expect(within({ center: null, zoom: 2 }, europe)).toEqual({ center: null, zoom: 2 });
  });

  const config = { latitude: "lat", longitude: "lon", label: "city" };
  const rows = [{ city: "Berlin", lat: 52.5, lon: "13.4" }, { city: "Nowhere", lat: 99, lon: 0 }, { city: "Paris", lat: 48.9, lon: 2.3 }];

  it("draw what has a place on the globe", () => {
    expect(mapPoints(config, rows).map(({ name, value, row }) => [name, value, row])).toEqual([["Berlin", [13.4, 52.5, null], 0], ["Paris", [2.3, 48.9, null], 2]]);
    expect(mapOption(config, [{ lat: null, lon: 1 }], inks.light)).toHaveProperty("missing");
  });

  it("show the surroundings of the points, or the world", () => {
    const [[west, north], [east, south]] = extentOf(mapPoints(config, rows));
    expect([west < 2.3, east > 13.4, south < 48.9, north > 52.5]).toEqual([true, true, true, true]);
    expect(mapOption({ ...config, extent: "world" }, rows, inks.light)).toMatchObject({ geo: { boundingCoords: [[-170, 80], [190, -57]] } });
  });
});

it("names the columns of the table that stands for a chart", () => {
  expect(alternativeColumns({ x: "month", series: [{ field: "a", label: "A" }] }, ["x"], ["series"])).toEqual([{ field: "month", label: "month", figure: false }, { field: "a", label: "A", figure: true }]);
  expect(alternativeColumns({ label: "n", value: "v" }, ["label", "group"], ["value"])).toEqual([{ field: "n", label: "n", figure: false }, { field: "v", label: "v", figure: true }]);
});
