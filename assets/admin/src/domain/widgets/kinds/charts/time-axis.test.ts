import { describe, expect, it } from "vitest";
import { barDrawing } from "./options/cartesian";
import { categoryAxis, timeTickMedia } from "./options/axes";
import { plotOf, type Plot } from "./options/plot";
import { built } from "./options/testing";

const config = { x: "month", series: [{ field: "revenue" }] };
const rows = ["2026-01", "2026-02", "2026-03"].map((month, index) => ({ month, revenue: index + 1 }));
const plot = (now: string) =>
  plotOf(config, rows, [], { shape: "line", timeline: true, now: Date.parse(`${now}Z`) }) as Plot;

describe("the last period", () => {
  it("is named while it is not over", () => {
    expect(plot("2026-03-20T12:00").notes).toEqual(["Mar 2026 is not over yet: its value may still change."]);
  });

  it("is not named afterwards", () => {
    expect(plot("2026-04-01T00:00").notes).toEqual([]);
  });
});

it("the ticks are no more than fit a narrow chart", () => {
  const counts = timeTickMedia(plot("2026-04-01T00:00")).map(({ query, option }) => [
    (query as { maxWidth: number } | undefined)?.maxWidth,
    (option as { xAxis: { axisLabel: { customValues: number[] } } }).xAxis.axisLabel.customValues.length,
  ]);
  expect(counts.map(([width]) => width)).toEqual([undefined, 640, 420, 300]);
  expect(counts.at(-1)?.[1]).toBeLessThanOrEqual(3);
});

describe("months as text", () => {
  const months = (...names: string[]) => names.map((month) => ({ month, revenue: 1 }));

  it("are months on a time axis, also where only few days fit between them", () => {
    const turn = plotOf(config, months("2026-02", "2025-12", "2026-01"), [], {
      shape: "line",
      timeline: true,
    }) as Plot;
    const { formatter } = categoryAxis({}, turn, false)["axisLabel"] as {
      formatter: (wall: number) => string;
    };
    const [media] = timeTickMedia(turn);
    const { customValues } = (media?.option as { xAxis: { axisLabel: { customValues: number[] } } }).xAxis
      .axisLabel;
    expect(customValues.map(formatter)).toEqual(["Dec 2025", "Jan 2026", "Feb 2026"]);
  });

  it("ascend below bars, unless they descend", () => {
    const labels = (...names: string[]) => built(barDrawing(config, months(...names))).xAxis.data;
    expect(labels("2026-03", "2026-01", "2026-02")).toEqual(["Jan 2026", "Feb 2026", "Mar 2026"]);
    expect(labels("2026-03", "2026-02")).toEqual(["Mar 2026", "Feb 2026"]);
    expect(labels("2026-01", "2025-01")).toEqual(["Jan 2026", "Jan 2025"]);
  });
});
