import { describe, expect, it } from "vitest";
import { inks } from "../chart-theme";
import { areaDrawing, barDrawing, lineDrawing } from "./cartesian";
import { funnelDrawing } from "./funnel";
import { heatmapDrawing } from "./heatmap";
import { pieDrawing } from "./pie";
import { isTimeline } from "./plot";
import { writtenAs } from "./shared";
import { built, drawn } from "./testing";

const months = [
  { month: "2026-02-01", revenue: 20, refunds: "1.5" },
  { month: "2026-01-01", revenue: 10, refunds: null },
];
const config = { x: "month", series: [{ field: "revenue", label: "Revenue" }, { field: "refunds" }] };

describe("bars", () => {
  it("are in the order of the rows, numbers as numbers and gaps as gaps", () => {
    const option = built(barDrawing(config, months));
    expect(option.xAxis.type).toBe("category");
    expect(option.series.map(({ name, data }) => [name, data])).toEqual([
      ["Revenue", [20, 10]],
      ["refunds", [1.5, null]],
    ]);
  });

  it("can be horizontal with the first row on top, and stacked", () => {
    const option = built(barDrawing({ ...config, horizontal: true, stack: "normal" }, months));
    expect([option.xAxis.type, option.yAxis.type, option.yAxis.inverse]).toEqual(["value", "category", true]);
    expect(new Set(option.series.map(({ stack }) => stack))).toEqual(new Set(["all"]));
  });

  it("are shares of their row when stacked to 100 %", () => {
    const option = built(
      barDrawing({ ...config, stack: "percent" }, [
        { month: "a", revenue: 30, refunds: 10 },
        { month: "b", revenue: 0, refunds: 0 },
      ]),
    );
    expect(option.series.map(({ data }) => data)).toEqual([
      [0.75, null],
      [0.25, null],
    ]);
    expect(option.yAxis).toMatchObject({ max: 1 });
  });

  it("say what is missing instead of showing nothing", () => {
    expect(barDrawing({ series: config.series }, months)).toHaveProperty("missing");
    expect(barDrawing({ x: "month", series: [{ label: "no field" }, 7] }, months)).toHaveProperty("missing");
  });
});

describe("long data", () => {
  const rows = ["2026-03-02", "2026-03-09"].flatMap((week, index) =>
    ["open", "done"].map((status) => ({ week, status, count: status === "open" ? "1.5" : index + 2 })),
  );
  const long = { x: "week", series: [{ field: "count" }] };

  it("is summed by bars, with a note", () => {
    const drawing = drawn(barDrawing(long, rows));
    expect([built(drawing).series.map(({ data }) => data), drawing.notes]).toEqual([
      [[3.5, 4.5]],
      ["Rows with the same week are summed."],
    ]);
    expect(drawing.seen.rows.map((row) => row["count"])).toEqual([3.5, 4.5]);
  });

  it("is split by a column into series", () => {
    for (const draw of [barDrawing, lineDrawing, areaDrawing]) {
      const drawing = drawn(draw({ ...long, split: "status" }, rows));
      expect([built(drawing).series.map(({ name }) => name), drawing.notes]).toEqual([["open", "done"], []]);
    }
    expect(built(barDrawing({ ...long, split: "status" }, rows)).series.map(({ data }) => data)).toEqual([
      [1.5, 1.5],
      [2, 3],
    ]);
    expect(
      drawn(barDrawing({ ...long, split: "status" }, rows)).pick?.({ dataIndex: 1, seriesIndex: 0 }),
    ).toBe(rows[2]);
  });

  it("is not shown as a zigzag", () => {
    expect(lineDrawing(long, rows)).toMatchObject({ missing: expect.stringContaining("Split by") as string });
    expect(areaDrawing(long, rows)).toHaveProperty("missing");
  });

  it("merges the smallest of many series, with a note", () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ week: "a", status: `s${index}`, count: index }));
    const drawing = drawn(barDrawing({ ...long, split: "status" }, many));
    expect(built(drawing).series.map(({ name }) => name)).toEqual([
      "s5",
      "s6",
      "s7",
      "s8",
      "s9",
      "s10",
      "s11",
      "Other (5)",
    ]);
    expect(drawing.notes).toEqual(["status has 12 values. The smallest 5 are summed as “Other”."]);
  });

  it("allows selection only by what merged rows have in common", () => {
    const row = drawn(barDrawing(long, rows)).pick?.({ dataIndex: 0, seriesIndex: 0 });
    expect([row?.["week"], "status" in (row ?? {})]).toEqual(["2026-03-02", false]);
  });
});

describe("axis labels", () => {
  const axis = (rows: Record<string, unknown>[]) =>
    built(
      barDrawing(
        { x: "x", series: [{ field: "n" }] },
        rows.map((row) => ({ ...row, n: 1 })),
      ),
    ).xAxis.data;

  it("show years without separators, and amounts with them", () => {
    const drawing = drawn(barDrawing({ x: "year", series: [{ field: "n" }] }, [{ year: 2024, n: 12400 }]));
    expect(built(drawing).xAxis.data).toEqual(["2024"]);
    const written = writtenAs(drawing.seen, {}, []);
    expect([written.get("year")?.(2024), written.get("n")?.(12400)?.replace(/\D/g, ".")]).toEqual([
      "2024",
      "12.400",
    ]);
  });

  it("show the hours of a day, and only days where there are no hours", () => {
    expect(
      new Set(axis([9, 10, 11].map((hour) => ({ x: `2026-03-01T${String(hour).padStart(2, "0")}:00:00` }))))
        .size,
    ).toBe(3);
    expect(
      axis([{ x: "2026-03-01T00:00:00Z" }, { x: "2026-04-01T00:00:00Z" }])?.every(
        (name) => /1/.test(name) && !/0:00/.test(name),
      ),
    ).toBe(true);
    expect(new Set(axis([1, 2].map((ms) => ({ x: `2026-03-01T09:00:00.00${ms}Z` })))).size).toBe(2);
    expect(
      new Set(axis([{ x: "2026-03-01T09:00:00.000001Z" }, { x: "2026-03-01T09:00:00.000002Z" }])).size,
    ).toBe(2);
  });

  it("identify their values: null, an empty text and a dash are three", () => {
    expect(axis([{ x: null }, { x: "" }, { x: "–" }, { x: 1 }, { x: "1" }])).toHaveLength(5);
  });
});

it("says that a column has no numbers instead of showing nothing", () => {
  const rows = [{ a: "x", n: "many" }];
  for (const drawing of [
    barDrawing({ x: "a", series: [{ field: "n" }] }, rows),
    pieDrawing({ label: "a", value: "n" }, rows),
    funnelDrawing({ label: "a", value: "n" }, rows, [], inks.light, "#000000"),
    heatmapDrawing({ x: "a", y: "a", value: "n" }, rows, [], inks.light),
  ]) {
    expect(drawing).toMatchObject({ missing: "The column “n” has no numbers." });
  }
});

describe("lines", () => {
  it("are over time, from the earliest date on", () => {
    const option = built(lineDrawing(config, months));
    expect(option.xAxis.type).toBe("time");
    expect(option.series[0]?.data).toEqual([
      [new Date(2026, 0, 1).getTime(), 10],
      [new Date(2026, 1, 1).getTime(), 20],
    ]);
  });

  it("are over categories otherwise", () => {
    const rows = [
      { month: "Jan", revenue: 1 },
      { month: "Feb", revenue: 2 },
    ];
    expect(isTimeline(rows, "month")).toBe(false);
    expect(built(lineDrawing(config, rows)).xAxis).toMatchObject({ type: "category", data: ["Jan", "Feb"] });
  });
});

describe("the value axis", () => {
  it("starts at zero for bars and areas, and fits a line", () => {
    const fromZero = { ...config, fromZero: true };
    expect(
      [
        barDrawing(config, months),
        areaDrawing(config, months),
        lineDrawing(fromZero, months),
        lineDrawing(config, months),
      ].map((drawing) => built(drawing).yAxis.scale),
    ).toEqual([false, false, false, true]);
  });
});
