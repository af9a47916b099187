import { describe, expect, it } from "vitest";
import { inks } from "../chart-theme";
import { within } from "../use-map-view";
import { areaDrawing, barDrawing, lineDrawing } from "./cartesian";
import { isTimeline } from "./plot";
import { funnelDrawing, funnelSteps, mix } from "./funnel";
import { gaugeDrawing, readGauge } from "./gauge";
import { heatmapCells, heatmapDrawing } from "./heatmap";
import { extentOf, mapDrawing, mapPoints } from "./map";
import { pieDrawing, pieSlices } from "./pie";
import { scatterDrawing } from "./scatter";
import { rowIndexOf, seenColumns, writtenAs, type Drawing, type Missing } from "./shared";

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
const drawn = (drawing: Drawing | Missing) => drawing as Drawing;
const built = (drawing: Drawing | Missing) => (drawing as Drawing).option as unknown as Built;

describe("bars", () => {
  it("are in the order of the rows, numbers as numbers and gaps as gaps", () => {
    const option = built(barDrawing(config, months));
    expect(option.xAxis.type).toBe("category");
    expect(option.series.map(({ name, data }) => [name, data])).toEqual([["Revenue", [20, 10]], ["refunds", [1.5, null]]]);
  });

  it("can be horizontal with the first row on top, and stacked", () => {
    const option = built(barDrawing({ ...config, horizontal: true, stack: "normal" }, months));
    expect([option.xAxis.type, option.yAxis.type, option.yAxis.inverse]).toEqual(["value", "category", true]);
    expect(new Set(option.series.map(({ stack }) => stack))).toEqual(new Set(["all"]));
  });

  it("are shares of their row when stacked to 100 %", () => {
    const option = built(barDrawing({ ...config, stack: "percent" }, [{ month: "a", revenue: 30, refunds: 10 }, { month: "b", revenue: 0, refunds: 0 }]));
    expect(option.series.map(({ data }) => data)).toEqual([[0.75, null], [0.25, null]]);
    expect(option.yAxis).toMatchObject({ max: 1 });
  });

  it("say what is missing instead of showing nothing", () => {
    expect(barDrawing({ series: config.series }, months)).toHaveProperty("missing");
    expect(barDrawing({ x: "month", series: [{ label: "no field" }, 7] }, months)).toHaveProperty("missing");
  });
});

describe("long data", () => {
  const rows = ["2026-03-02", "2026-03-09"].flatMap((week, index) => ["open", "done"].map((status) => ({ week, status, count: status === "open" ? "1.5" : index + 2 })));
  const long = { x: "week", series: [{ field: "count" }] };

  it("is summed by bars, with a note", () => {
    const drawing = drawn(barDrawing(long, rows));
    expect([built(drawing).series.map(({ data }) => data), drawing.notes]).toEqual([[[3.5, 4.5]], ["Rows with the same week are summed."]]);
    expect(drawing.seen.rows.map((row) => row["count"])).toEqual([3.5, 4.5]);
  });

  it("is split by a column into series", () => {
    for (const draw of [barDrawing, lineDrawing, areaDrawing]) {
      const drawing = drawn(draw({ ...long, split: "status" }, rows));
      expect([built(drawing).series.map(({ name }) => name), drawing.notes]).toEqual([["open", "done"], []]);
    }
    expect(built(barDrawing({ ...long, split: "status" }, rows)).series.map(({ data }) => data)).toEqual([[1.5, 1.5], [2, 3]]);
    expect(drawn(barDrawing({ ...long, split: "status" }, rows)).pick?.({ dataIndex: 1, seriesIndex: 0 })).toBe(rows[2]);
  });

  it("is not shown as a zigzag", () => {
    expect(lineDrawing(long, rows)).toMatchObject({ missing: expect.stringContaining("Split by") as string });
    expect(areaDrawing(long, rows)).toHaveProperty("missing");
  });

  it("merges the smallest of many series, with a note", () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ week: "a", status: `s${index}`, count: index }));
    const drawing = drawn(barDrawing({ ...long, split: "status" }, many));
    expect(built(drawing).series.map(({ name }) => name)).toEqual(["s5", "s6", "s7", "s8", "s9", "s10", "s11", "Other (5)"]);
    expect(drawing.notes).toEqual(["status has 12 values. The smallest 5 are summed as “Other”."]);
  });

  it("allows selection only by what merged rows have in common", () => {
    const row = drawn(barDrawing(long, rows)).pick?.({ dataIndex: 0, seriesIndex: 0 });
    expect([row?.["week"], "status" in (row ?? {})]).toEqual(["2026-03-02", false]);
  });
});

describe("axis labels", () => {
  const axis = (rows: Record<string, unknown>[]) => built(barDrawing({ x: "x", series: [{ field: "n" }] }, rows.map((row) => ({ ...row, n: 1 })))).xAxis.data;

  it("show years without separators, and amounts with them", () => {
    const drawing = drawn(barDrawing({ x: "year", series: [{ field: "n" }] }, [{ year: 2024, n: 12400 }]));
    expect(built(drawing).xAxis.data).toEqual(["2024"]);
    const written = writtenAs(drawing.seen, {}, []);
    expect([written.get("year")?.(2024), written.get("n")?.(12400)?.replace(/\D/g, ".")]).toEqual(["2024", "12.400"]);
  });

  it("show the hours of a day, and only days where there are no hours", () => {
    expect(new Set(axis([9, 10, 11].map((hour) => ({ x: `2026-03-01T${String(hour).padStart(2, "0")}:00:00` })))).size).toBe(3);
    expect(axis([{ x: "2026-03-01T00:00:00Z" }, { x: "2026-04-01T00:00:00Z" }])?.every((name) => /1/.test(name) && !/0:00/.test(name))).toBe(true);
    expect(new Set(axis([1, 2].map((ms) => ({ x: `2026-03-01T09:00:00.00${ms}Z` })))).size).toBe(2);
    expect(new Set(axis([{ x: "2026-03-01T09:00:00.000001Z" }, { x: "2026-03-01T09:00:00.000002Z" }])).size).toBe(2);
  });

  it("identify their values: null, an empty text and a dash are three", () => {
    expect(axis([{ x: null }, { x: "" }, { x: "–" }, { x: 1 }, { x: "1" }])).toHaveLength(5);
  });
});

it("says that a column has no numbers instead of showing nothing", () => {
  const rows = [{ a: "x", n: "many" }];
  for (const drawing of [barDrawing({ x: "a", series: [{ field: "n" }] }, rows), pieDrawing({ label: "a", value: "n" }, rows), funnelDrawing({ label: "a", value: "n" }, rows, [], inks.light, "#000000"), heatmapDrawing({ x: "a", y: "a", value: "n" }, rows, [], inks.light)]) {
    expect(drawing).toMatchObject({ missing: "The column “n” has no numbers." });
  }
});

describe("lines", () => {
  it("are over time, from the earliest date on", () => {
    const option = built(lineDrawing(config, months));
    expect(option.xAxis.type).toBe("time");
    expect(option.series[0]?.data).toEqual([[new Date(2026, 0, 1).getTime(), 10], [new Date(2026, 1, 1).getTime(), 20]]);
  });

  it("are over categories otherwise", () => {
    const rows = [{ month: "Jan", revenue: 1 }, { month: "Feb", revenue: 2 }];
    expect(isTimeline(rows, "month")).toBe(false);
    expect(built(lineDrawing(config, rows)).xAxis).toMatchObject({ type: "category", data: ["Jan", "Feb"] });
  });
});

describe("the value axis", () => {
  it("starts at zero for bars and areas, and fits a line", () => {
    const fromZero = { ...config, fromZero: true };
    expect([barDrawing(config, months), areaDrawing(config, months), lineDrawing(fromZero, months), lineDrawing(config, months)].map((drawing) => built(drawing).yAxis.scale)).toEqual([false, false, false, true]);
  });
});

describe("pies", () => {
  const rows = Array.from({ length: 20 }, (_, index) => ({ name: `n${index}`, size: index }));

  it("put the largest first and merge the many small ones", () => {
    const slices = pieSlices(rows, "name", "size");
    expect(slices).toHaveLength(8);
    expect(slices[0]).toEqual({ name: "n19", value: 19, exact: 19, row: 19 });
    expect(slices.at(-1)).not.toHaveProperty("row");
    expect(slices.at(-1)?.name).toBe("Other (12)");
    expect(slices.reduce((sum, { value }) => sum + value, 0)).toBe(190);
  });

  it("skip invalid values, with a note", () => {
    const rows = [{ n: "a", v: 0 }, { n: "b", v: null }, { n: null, v: 2 }];
    expect(pieSlices(rows, "n", "v")).toEqual([{ name: "–", value: 2, exact: 2, row: 2 }]);
    expect(drawn(pieDrawing({ label: "n", value: "v" }, rows)).notes).toEqual(["1 row without a value in “v” is not shown."]);
    expect(pieDrawing({ label: "n", value: "v" }, [{ n: "a", v: -1 }, { n: "b", v: 2 }])).toHaveProperty("missing");
  });

  it("sum equal names exactly, whatever their labels are", () => {
    const rows = [{ n: "a", v: 0.1 }, { n: "b", v: 1 }, { n: "a", v: "0.2" }, { n: null, v: 2 }, { n: "", v: 3 }, { n: "–", v: 4 }];
    expect(pieSlices(rows, "n", "v").map(({ name, exact }) => [name, exact])).toEqual([["–", 4], ["(empty)", 3], ["–", 2], ["b", 1], ["a", 0.3]]);
    expect(drawn(pieDrawing({ label: "n", value: "v" }, rows)).notes).toEqual(["Rows with the same n are summed."]);
  });

  it("label every slice without paging", () => {
    const option = built(pieDrawing({ label: "name", value: "size" }, rows)) as unknown as { legend: { type: string; data: string[] } };
    expect([option.legend.type, option.legend.data.length]).toEqual(["plain", 8]);
  });

  it("escape names in the tooltip", () => {
    const option = built(pieDrawing({ label: "n", value: "v" }, [{ n: "<img src=x>", v: 1 }])) as unknown as { tooltip: { formatter: (slice: object) => string } };
    expect(option.tooltip.formatter({ marker: "", name: "<img src=x>", value: 1, percent: 100 })).not.toContain("<img");
  });
});

describe("scatter charts", () => {
  const rows = [{ a: 1, b: 2, s: 4, g: "x" }, { a: "oops", b: 1, g: "x" }, { a: 3, b: 5, s: 16, g: "y" }];
  interface Scatter {
    series: { name: string; data: { value: unknown[]; row: number }[]; symbolSize: ((value: unknown[]) => number) | number }[];
    xAxis: { type: string };
  }

  it("show the rows that have both coordinates, each with its row", () => {
    const { series } = built(scatterDrawing({ x: "a", y: "b" }, rows)) as unknown as Scatter;
    expect(series.map(({ data }) => data.map(({ value, row }) => [value, row]))).toEqual([[[[1, 2, null], 0], [[3, 5, null], 2]]]);
    expect(rowIndexOf({ data: series[0]?.data[1] })).toBe(2);
  });

  it("color by group, and size bubbles by area", () => {
    const { series } = built(scatterDrawing({ x: "a", y: "b", size: "s", group: "g" }, rows)) as unknown as Scatter;
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

describe("heatmaps", () => {
  const rows = [{ x: "Mon", y: "a", n: 1 }, { x: "Tue", y: "b", n: 4 }, { x: "Mon", y: "a", n: 2 }, { x: "Mon", y: "b", n: null }];

  it("sum values of the same pair", () => {
    expect(heatmapCells(rows, ["x", "y", "n"])).toMatchObject({ across: ["Mon", "Tue"], down: ["a", "b"], cells: [{ value: [0, 0, 3], row: 0 }, { value: [1, 1, 4], row: 1 }] });
  });

  it("keep the hours of a day apart", () => {
    const hours = [9, 10, 11, 9].map((hour, index) => ({ at: `2026-03-01T${String(hour).padStart(2, "0")}:00:00`, host: index === 3 ? "b" : "a", n: hour }));
    const { across, cells } = heatmapCells(hours, ["at", "host", "n"]);
    expect([new Set(across).size, cells.map(({ value }) => value)]).toEqual([3, [[0, 0, 9], [1, 0, 10], [2, 0, 11], [0, 1, 9]]]);
  });

  it("range from zero to the maximum", () => {
    expect(built(heatmapDrawing({ x: "x", y: "y", value: "n" }, rows, [], inks.light))).toMatchObject({ visualMap: { min: 0, max: 4 } });
    expect(heatmapDrawing({ x: "x" }, rows, [], inks.light)).toHaveProperty("missing");
  });
});

describe("gauges", () => {
  it("show their value between two limits, which a column may hold", () => {
    expect(readGauge({ field: "n", maxField: "goal" }, [{ n: 30, goal: 120 }])).toMatchObject({ value: 30, min: 0, max: 120, share: 0.25, tone: null });
    expect(readGauge({ field: "n", min: 10, max: 20 }, [{ n: 5 }])).toMatchObject({ share: 0 });
    expect(readGauge({ field: "n" }, [{ n: "?" }])).toHaveProperty("missing");
  });

  it("use the color of the highest threshold reached, in whatever order they are", () => {
    const thresholds = [{ from: 80, color: "green" }, { from: 0, color: "red" }, { from: 50, color: "amber" }];
    expect([10, 50, 99].map((n) => readGauge({ field: "n", thresholds }, [{ n }]))).toMatchObject([{ tone: "red" }, { tone: "amber" }, { tone: "green" }]);
    expect(built(gaugeDrawing({ field: "n", thresholds }, [{ n: 99 }], inks.dark, "#fff"))).toMatchObject({ series: [{ progress: { itemStyle: { color: inks.dark.tones.green } } }] });
  });
});

describe("funnels", () => {
  const rows = [{ s: "Visits", n: 200 }, { s: "Baskets", n: 50 }, { s: "Orders", n: 40 }];

  it("show what is left of the first and the previous step", () => {
    expect(funnelSteps({ label: "s", value: "n" }, rows).map(({ ofFirst, ofBefore }) => [ofFirst, ofBefore])).toEqual([[1, 1], [0.25, 0.25], [0.2, 0.8]]);
  });

  it("keep the order of the rows unless the largest should be on top", () => {
    const upside = [...rows].reverse();
    expect(funnelSteps({ label: "s", value: "n" }, upside)[0]?.name).toBe("Orders");
    expect(funnelSteps({ label: "s", value: "n", sorted: true }, upside)[0]).toMatchObject({ name: "Visits", row: 2 });
    expect(funnelDrawing({ label: "s" }, rows, [], inks.light, "#000000")).toHaveProperty("missing");
  });
});

it("blends colors", () => {
  expect([mix("#000000", "#ffffff", 0), mix("#000000", "#ffffff", 0.5), mix("#102030", "#ffffff", 1)]).toEqual(["#000000", "#808080", "#ffffff"]);
});

describe("maps", () => {
  it("cannot be zoomed out or panned beyond the whole map", () => {
    const europe = [[-10, 60], [30, 35]] as const satisfies Parameters<typeof within>[1];
    expect(within({ center: [90, 10], zoom: 0.2 }, europe)).toEqual({ center: [30, 35], zoom: 1 });
    expect(within({ center: [5, 50], zoom: 1000 }, europe)).toEqual({ center: [5, 50], zoom: 32 });
    expect(within({ center: null, zoom: 2 }, europe)).toEqual({ center: null, zoom: 2 });
  });

  const config = { latitude: "lat", longitude: "lon", label: "city" };
  const rows = [{ city: "Berlin", lat: 52.5, lon: "13.4" }, { city: "Nowhere", lat: 99, lon: 0 }, { city: "Paris", lat: 48.9, lon: 2.3 }];

  it("show rows with a valid location", () => {
    expect(mapPoints(config, rows).map(({ name, value, row }) => [name, value, row])).toEqual([["Berlin", [13.4, 52.5, null], 0], ["Paris", [2.3, 48.9, null], 2]]);
    expect(mapDrawing(config, [{ lat: null, lon: 1 }], [], inks.light)).toHaveProperty("missing");
  });

  it("show the surroundings of the points, or the world", () => {
    const [[west, north], [east, south]] = extentOf(mapPoints(config, rows));
    expect([west < 2.3, east > 13.4, south < 48.9, north > 52.5]).toEqual([true, true, true, true]);
    expect(built(mapDrawing({ ...config, extent: "world" }, rows, [], inks.light))).toMatchObject({ geo: { boundingCoords: [[-170, 80], [190, -57]] } });
  });
});

it("names the columns of the table behind a chart", () => {
  expect(seenColumns({ x: "month", series: [{ field: "a", label: "A" }] }, ["x"], ["series"])).toEqual([{ field: "month", label: "month", figure: false }, { field: "a", label: "A", figure: true }]);
  expect(seenColumns({ label: "n", value: "v" }, ["label", "group"], ["value"])).toEqual([{ field: "n", label: "n", figure: false }, { field: "v", label: "v", figure: true }]);
});
