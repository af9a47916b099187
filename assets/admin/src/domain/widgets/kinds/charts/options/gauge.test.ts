import { describe, expect, it } from "vitest";
import { inks } from "../chart-theme";
import { gaugeDrawing, readGauge } from "./gauge";
import { built } from "./testing";

describe("gauges", () => {
  it("show their value between two limits, which a column may hold", () => {
    expect(readGauge({ field: "n", maxField: "goal" }, [{ n: 30, goal: 120 }])).toMatchObject({
      value: 30,
      min: 0,
      max: 120,
      share: 0.25,
      tone: null,
    });
    expect(readGauge({ field: "n", min: 10, max: 20 }, [{ n: 5 }])).toMatchObject({ share: 0 });
    expect(readGauge({ field: "n" }, [{ n: "?" }])).toHaveProperty("missing");
  });

  it("use the color of the highest threshold reached, in whatever order they are", () => {
    const thresholds = [
      { from: 80, color: "green" },
      { from: 0, color: "red" },
      { from: 50, color: "amber" },
    ];
    expect([10, 50, 99].map((n) => readGauge({ field: "n", thresholds }, [{ n }]))).toMatchObject([
      { tone: "red" },
      { tone: "amber" },
      { tone: "green" },
    ]);
    expect(built(gaugeDrawing({ field: "n", thresholds }, [{ n: 99 }], inks.dark, "#fff"))).toMatchObject({
      series: [{ progress: { itemStyle: { color: inks.dark.tones.green } } }],
    });
  });
});
