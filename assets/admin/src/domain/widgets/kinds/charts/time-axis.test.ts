import { describe, expect, it } from "vitest";
import { timeTickMedia } from "./options/axes";
import { plotOf, type Plot } from "./options/plot";

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
