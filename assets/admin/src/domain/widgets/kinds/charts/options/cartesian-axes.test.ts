import { describe, expect, it } from "vitest";
import { palette } from "../chart-theme";
import { areaDrawing, barDrawing, lineDrawing } from "./cartesian";
import { legendMedia, legendOf } from "./legend";
import { built, drawn } from "./testing";

const months = [
  { month: "2026-02-01", revenue: 20, refunds: "1.5" },
  { month: "2026-01-01", revenue: 10, refunds: null },
];
const config = { x: "month", series: [{ field: "revenue", label: "Revenue" }, { field: "refunds" }] };

interface Axes {
  xAxis: object;
  yAxis: { max: (extent: { max: number }) => number | null };
  series: object[];
  legend: object;
  tooltip: { formatter: (points: object[]) => string };
}

describe("axes", () => {
  const rows = [
    { x: "a", n: 1, m: 2000 },
    { x: "b", n: 3, m: 1000 },
  ];
  const of = (config: object) =>
    drawn(barDrawing({ x: "x", series: [{ field: "n" }], ...config }, rows)).option as unknown as Axes;

  it("can be two, with lines over bars", () => {
    const series = [
      { field: "n", color: "red" },
      { field: "m", shape: "line", axis: "second" },
    ];
    const option = of({ series, secondTitle: "m" });
    expect(option.yAxis).toMatchObject([{ type: "value" }, { name: "m", alignTicks: true }]);
    expect(option.series).toMatchObject([
      { type: "bar", itemStyle: { color: palette.light[5] } },
      { type: "line", yAxisIndex: 1 },
    ]);
  });

  it("have titles, ranges, and reference lines that they reach", () => {
    const option = of({
      axisTitle: "Units",
      categoryTitle: "Name",
      axisMin: 1,
      lines: [
        { value: 50, label: "Goal", color: "green" },
        { value: 2, to: 4 },
      ],
    });
    expect(option.xAxis).toMatchObject({ name: "Name" });
    expect(option.yAxis).toMatchObject({ name: "Units", min: 1 });
    const { max } = option.yAxis;
    expect([max({ max: 3 }), max({ max: 60 })]).toEqual([52.5, null]);
    expect(option.series[0]).toMatchObject({
      markLine: { data: [{ yAxis: 50, label: { formatter: "Goal" } }, { yAxis: 2 }] },
      markArea: { data: [[{ yAxis: 2 }, { yAxis: 4 }]] },
    });
    expect(of({ logScale: true }).yAxis).toMatchObject({ type: "log" });
  });

  it("are explained where the legend is placed", () => {
    const legend = (config: object) => of({ series: [{ field: "n" }, { field: "m" }], ...config }).legend;
    expect([legend({}), legend({ legend: "bottom" }), legend({ legend: "hidden" })]).toMatchObject([
      { top: 0 },
      { bottom: 0 },
      { show: false },
    ]);
  });

  it("have a tooltip with the exact total of a stack", () => {
    const option = of({ stack: "normal", series: [{ field: "n" }, { field: "m" }] });
    const { formatter } = option.tooltip;
    expect(formatter([{ seriesIndex: 0, dataIndex: 1 }])).toContain("Total&ensp;<b>1,003</b>");
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

interface Labeled {
  axisLabel: { interval?: number | string; hideOverlap?: boolean; rotate?: number; fontSize?: number };
}
interface Arranged {
  xAxis: Labeled & { data: string[] };
  yAxis: Labeled;
  tooltip: { formatter: (points: object[]) => string };
  media: { query: Record<string, number>; option: { xAxis?: Labeled; yAxis?: Labeled } }[];
}

describe("the labels of categories", () => {
  const countries = Array.from({ length: 20 }, (_, at) => ({ x: `The United Kingdom, part ${at}`, n: at }));
  const of = (rows: object[], own = {}) =>
    drawn(barDrawing({ x: "x", series: [{ field: "n" }], ...own }, rows as never))
      .option as unknown as Arranged;

  /** Returns the settings of labels in a chart of a size. */
  const inChart = ({ media }: Arranged, axis: "xAxis" | "yAxis", width: number, height = 400) =>
    media
      .filter(({ query: { minWidth = 0, maxWidth = 9999, minHeight = 0, maxHeight = 9999 } }) => {
        return width >= minWidth && width <= maxWidth && height >= minHeight && height <= maxHeight;
      })
      .reduce((all, { option }) => ({ ...all, ...option[axis]?.axisLabel }), {} as Labeled["axisLabel"]);

  it("are all shown below a chart, and turned where they have no room", () => {
    const option = of(countries);
    expect(option.xAxis.axisLabel).toMatchObject({ interval: 0, hideOverlap: false });
    expect([1200, 700, 500, 350].map((width) => inChart(option, "xAxis", width).rotate)).toEqual([
      35, 35, 60, 90,
    ]);
    expect(inChart(of(countries.slice(0, 3)), "xAxis", 900).rotate).toBe(0);
    expect(option.tooltip.formatter([{ seriesIndex: 0, dataIndex: 1 }])).toContain(
      "The United Kingdom, part 1",
    );
  });

  it("are all shown beside horizontal bars, smaller in a low chart", () => {
    const option = of(countries, { horizontal: true });
    expect(option.yAxis.axisLabel).toMatchObject({ interval: 0, hideOverlap: false });
    expect(inChart(option, "yAxis", 600, 400)).toMatchObject({ interval: 0, fontSize: 12 });
    expect(inChart(option, "yAxis", 600, 300)).toMatchObject({ interval: 0, fontSize: 9 });
  });

  it("are left out only where there are many", () => {
    const many = Array.from({ length: 40 }, (_, at) => ({ x: `c${at}`, n: at }));
    expect(of(many).xAxis.axisLabel.interval).toBeUndefined();
  });
});

describe("a legend above a chart", () => {
  const names = ["Completed", "Cancelled", "Waiting for approval", "Refunded by customer", "Draft"];
  const rows = names.map((name, n) => ({ month: "Jan", kind: `${name} orders`, n }));
  it("wraps in narrow charts, which leave it the room, and every width has one range", () => {
    const { option } = drawn(barDrawing({ x: "month", split: "kind", series: [{ field: "n" }] }, rows));
    expect(option["legend"]).toMatchObject({ type: "scroll" });
    const media = legendMedia("top", names, 34) as {
      query: { minWidth: number; maxWidth?: number };
      option: { grid: { top: number } };
    }[];
    const topAt = (width: number) =>
      media.filter(({ query }) => width >= query.minWidth && width <= (query.maxWidth ?? Infinity));
    for (const width of [100, 239, 240, 500, 800, 3000]) expect(topAt(width)).toHaveLength(1);
    expect(topAt(1200)[0]?.option.grid.top).toBe(34);
    expect(topAt(300)[0]?.option.grid.top).toBeGreaterThan(34);
    expect(legendOf("top", names.slice(0, 3))).toMatchObject({ type: "plain" });
  });
});
