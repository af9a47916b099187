import { describe, expect, it } from "vitest";
import { inks, palette } from "../chart-theme";
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
      ["Rows with the same week are summed. Choose an aggregation, or split by a column."],
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

  it("is split by lines and areas themselves, with a note, instead of shown as a zigzag", () => {
    for (const draw of [lineDrawing, areaDrawing]) {
      const drawing = drawn(draw(long, rows));
      expect([built(drawing).series.map(({ name }) => name), drawing.notes]).toEqual([
        ["open", "done"],
        ["Split by status, because the values on the axis repeat."],
      ]);
      const summed = drawn(draw({ ...long, split: null }, rows));
      expect([built(summed).series.length, summed.notes]).toEqual([
        1,
        ["Rows with the same week are summed. Choose an aggregation, or split by a column."],
      ]);
    }
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
    expect(drawing.notes).toEqual(["status has 12 values. The smallest 5 are combined as “Other”."]);
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
        (name) => /2026/.test(name) && !/0:00/.test(name),
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
    funnelDrawing({ label: "a", value: "n" }, rows),
    heatmapDrawing({ x: "a", y: "a", value: "n" }, rows, []),
  ]) {
    expect(drawing).toMatchObject({ missing: "The column “n” has no numbers." });
  }
});

describe("lines", () => {
  it("are over time, from the earliest date on", () => {
    const option = built(lineDrawing(config, months));
    expect(option.xAxis.type).toBe("time");
    expect(option.series[0]?.data).toEqual([
      [Date.UTC(2026, 0, 1), 10],
      [Date.UTC(2026, 1, 1), 20],
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

describe("many rows of one axis value", () => {
  const rows = ["2026-01-05", "2026-01-06", "2026-03-01"].flatMap((day, index) => [
    { day, paid: index + 1, rate: 0.5 },
    { day, paid: 10, rate: 0.1 },
  ]);
  const of = (config: object) =>
    drawn(barDrawing({ x: "day", series: [{ field: "paid" }], ...config }, rows));
  const data = (config: object) => built(of(config)).series[0]?.data;

  it("are combined as configured, without a note", () => {
    expect(
      ["sum", "average", "count", "min", "max", "last"].map((aggregate) => data({ aggregate })?.[0]),
    ).toEqual([11, 5.5, 2, 1, 10, 10]);
    expect(of({ aggregate: "max" }).notes).toEqual([]);
  });

  it("are not summed if they are rates", () => {
    const drawing = of({ series: [{ field: "rate" }] });
    expect(built(drawing).series[0]?.data).toEqual([0.3, 0.3, 0.3]);
    expect(drawing.notes).toEqual(["“rate” is averaged over rows of equal weight: an average of averages."]);
    expect(of({ series: [{ field: "rate" }], aggregate: "sum" }).notes).toEqual([
      "“rate” is summed, but looks like a rate or an average. Choose another aggregation.",
    ]);
  });

  it("are grouped by period, with gaps that are named", () => {
    const drawing = of({ grain: "month" });
    expect([built(drawing).xAxis.data, data({ grain: "month" }), drawing.notes]).toEqual([
      ["Jan 2026", "Feb 2026", "Mar 2026"],
      [23, null, 13],
      ["1 month has no data."],
    ]);
    expect([data({ grain: "month", gaps: "zero" }), of({ grain: "month", gaps: "zero" }).notes]).toEqual([
      [23, 0, 13],
      ["Missing values are shown as zero."],
    ]);
    expect(drawing.seen.rows.map((row) => row["day"])).toEqual(["2026-01-01", "2026-02-01", "2026-03-01"]);
  });

  it("are limited, with the rest as one", () => {
    const drawing = of({ order: "largest", limit: 2 });
    expect([built(drawing).xAxis.data, built(drawing).series[0]?.data]).toEqual([
      ["Mar 1", "Jan 6", "Other (1)"],
      [13, 12, 11],
    ]);
    expect(of({ limit: 2, other: false }).notes).toContain("1 smaller value is not shown.");
  });
});

describe("a chart that could mislead", () => {
  const notes = (config: object, rows: Record<string, unknown>[], truncated = false) =>
    drawn(
      barDrawing(
        { x: "x", series: [{ field: "n" }], ...config },
        rows,
        Object.keys(rows[0] ?? {}).map((name) => ({ name, type: "unknown" })),
        { ink: inks.light, palette: palette.light, truncated },
      ),
    ).notes;
  const one = [{ x: "a", n: 1 }];

  it("says that rows are missing", () => {
    expect(notes({}, one, true)).toEqual([
      "Only the first 1 rows were loaded, so values may be too low. Aggregate in the query, or raise its row limit.",
    ]);
    expect(notes({}, one)).toEqual([]);
  });

  it("says that currencies and units are mixed", () => {
    const rows = ["EUR", "USD"].map((currency, n) => ({ x: "a", n, currency }));
    expect(notes({ aggregate: "sum" }, rows)).toEqual([
      "Different currencies are added up: EUR, USD. Split by the currency, or convert in the query.",
    ]);
    expect(notes({ split: "currency" }, rows)).toEqual([]);
    expect(notes({ split: "currency", stack: "normal" }, rows)).toEqual([
      "Different currencies are added up: EUR, USD. Split by the currency, or convert in the query.",
    ]);
    expect(
      drawn(
        barDrawing(
          { x: "x", series: [{ field: "n" }, { field: "m" }] },
          [{ x: "a", n: 1, m: 2 }],
          [
            { name: "n", type: "int", unit: "kg" },
            { name: "m", type: "int", unit: "km" },
          ],
        ),
      ).notes,
    ).toEqual(["Series with different units share one axis. Use the second axis for one of them."]);
  });

  it("says what a logarithmic axis and a stack cannot show", () => {
    const rows = [
      { x: "a", n: -1, m: 2 },
      { x: "b", n: 10, m: 2 },
    ];
    expect(notes({ logScale: true }, rows)).toEqual([
      "1 value at or below zero cannot be shown on a logarithmic axis. Use an axis that is not logarithmic.",
    ]);
    expect(notes({ stack: "normal", series: [{ field: "n" }, { field: "m" }] }, rows)).toEqual([
      "Negative values are stacked below zero, so heights do not add up to the total. Show the series side by side.",
    ]);
  });
});

describe("a line that could mislead", () => {
  const of = (config: object, rows: Record<string, unknown>[]) =>
    drawn(lineDrawing({ x: "x", series: [{ field: "n" }], ...config }, rows)).notes;
  const unsorted = [3, 1, 2].map((x) => ({ x, n: x }));

  it("says that the values on its axis are in no order", () => {
    const note =
      "The values of “x” are in no order, so the line goes back and forth. Set “Sort order” to “By category”.";
    expect(of({}, unsorted)).toEqual([note]);
    expect(of({ order: "axis" }, unsorted)).toEqual([]);
    expect(
      of(
        {},
        [...unsorted].sort((a, b) => b.x - a.x),
      ),
    ).toEqual([]);
    expect(
      of({}, [
        { x: "b", n: 1 },
        { x: "a", n: 2 },
        { x: "c", n: 2 },
      ]),
    ).toEqual([]);
    // An axis of time has a place for each value.
    expect(
      of(
        {},
        ["2026-03-01", "2026-01-01", "2026-02-01"].map((x) => ({ x, n: 1 })),
      ),
    ).toEqual([]);
    expect(drawn(barDrawing({ x: "x", series: [{ field: "n" }] }, unsorted)).notes).toEqual([]);
  });

  it("says which values its range cuts off", () => {
    expect(
      of({ axisMin: 2 }, [
        { x: 1, n: 1 },
        { x: 2, n: 5 },
      ]),
    ).toEqual(["1 value is outside the configured range. Change its minimum or maximum."]);
  });

  it("says that bars do not start at zero, and that amounts of different currencies share an axis", () => {
    const bars = (config: object, rows: Record<string, unknown>[]) =>
      drawn(
        barDrawing(
          { x: "x", series: [{ field: "n" }], ...config },
          rows,
          Object.keys(rows[0] ?? {}).map((name) => ({ name, type: "unknown" })),
        ),
      ).notes;
    expect(bars({ axisMin: 1 }, [{ x: "a", n: 5 }])).toEqual([
      "The axis does not start at zero, so the lengths of bars cannot be compared. Clear its minimum.",
    ]);
    const mixed = ["EUR", "USD"].map((currency, n) => ({ x: `o${n}`, n, currency }));
    expect(bars({}, mixed)).toEqual([
      "The values are in different currencies: EUR, USD. Split by the currency, or convert in the query.",
    ]);
    const negative = [{ x: "a", n: -1, m: -2 }];
    expect(bars({ stack: "normal", series: [{ field: "n" }, { field: "m" }] }, negative)).toEqual([]);
  });
});

it("a series has the color of the value that it stands for", () => {
  const columns = [{ name: "status", type: "text", colors: { failed: "red" as const } }];
  const drawing = barDrawing(
    { x: "x", split: "status", series: [{ field: "n" }] },
    ["failed", "done"].map((status) => ({ x: "a", status, n: 1 })),
    columns,
  );
  expect(drawn(drawing).option["series"]).toMatchObject([{ itemStyle: { color: inks.light.tones.red } }, {}]);
});

it("a value of a split series has its own color, of the palette or any other, in both schemes", () => {
  const columns = [{ name: "status", type: "text", colors: { failed: "red" as const } }];
  const config = { x: "x", split: "status", series: [{ field: "n", color: "olive" }] };
  const rows = ["failed", "done", "new"].map((status) => ({ x: "a", status, n: 1 }));
  const colors = (more: object, scheme: "light" | "dark" = "light") => {
    const context = { ink: inks[scheme], palette: palette[scheme] };
    const { option } = drawn(barDrawing({ ...config, ...more }, rows, columns, context));
    return (option["series"] as { itemStyle?: { color: string } }[]).map(({ itemStyle }) => itemStyle?.color);
  };
  const set = { colors: { failed: "teal", new: "#2F7FC1", done: "auto" } };
  expect(colors(set)).toEqual([palette.light[2], palette.light[6], "#2f7fc1"]);
  expect(colors(set, "dark")).toEqual([palette.dark[2], palette.dark[6], "#2f7fc1"]);
  expect(colors({ ...set, series: [{ field: "n" }] })).toEqual([
    palette.light[2],
    inks.light.tones.green,
    "#2f7fc1",
  ]);
});
