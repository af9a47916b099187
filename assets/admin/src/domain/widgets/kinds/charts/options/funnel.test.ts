import { describe, expect, it } from "vitest";
import { inks, palette } from "../chart-theme";
import { mix } from "../chart-colors";
import { funnelDrawing, funnelSteps } from "./funnel";
import { drawn } from "./testing";

describe("funnels", () => {
  const rows = [
    { s: "Visits", n: 200 },
    { s: "Baskets", n: 50 },
    { s: "Orders", n: 40 },
  ];

  it("show what is left of the first and the previous step", () => {
    expect(
      funnelSteps({ label: "s", value: "n" }, rows).map(({ ofFirst, ofBefore }) => [ofFirst, ofBefore]),
    ).toEqual([
      [1, 1],
      [0.25, 0.25],
      [0.2, 0.8],
    ]);
  });

  it("keep the order of the rows unless the largest should be on top", () => {
    const upside = [...rows].reverse();
    expect(funnelSteps({ label: "s", value: "n" }, upside)[0]?.name).toBe("Orders");
    expect(funnelSteps({ label: "s", value: "n", sorted: true }, upside)[0]).toMatchObject({
      name: "Visits",
      row: 2,
    });
    expect(funnelDrawing({ label: "s" }, rows)).toHaveProperty("missing");
  });

  interface Funnel {
    title?: { text: string };
    tooltip: { formatter: (pointed: object) => string };
    series: { top: number; data: { name: string; itemStyle: { color: string } }[] }[];
  }
  const of = (config: object, given: Record<string, unknown>[] = rows) =>
    drawn(funnelDrawing({ label: "s", value: "n", ...config }, given));
  const option = (config: object) => of(config).option as unknown as Funnel;
  const colors = (config: object) => option(config).series[0]?.data.map(({ itemStyle }) => itemStyle.color);

  it("fade one color, unless a step has its own", () => {
    const first = palette.light[0] ?? "";
    expect(colors({})).toEqual([first, mix(first, inks.light.page, 0.3), mix(first, inks.light.page, 0.6)]);
    expect(colors({ color: "#2f7fc1", colors: { Orders: "red" } })).toEqual([
      "#2f7fc1",
      mix("#2f7fc1", "#ffffff", 0.3),
      palette.light[5],
    ]);
  });

  it("have titles and a number format", () => {
    const titled = option({ categoryTitle: "Step", axisTitle: "Visitors", decimals: 1, format: "number" });
    expect([titled.title?.text, titled.series[0]?.top]).toEqual(["Step · Visitors", 22]);
    expect(titled.tooltip.formatter({ data: titled.series[0]?.data[0] })).toContain(
      "Visitors&ensp;<b>200.0</b>",
    );
    expect(option({}).title).toBeUndefined();
  });

  it("say that a step is larger than the one before, and that rows are missing", () => {
    const upside = [...rows].reverse();
    expect(of({}, upside).notes).toEqual([
      "“Baskets” is larger than the step before it. Turn on “Sorted”, or change the order of the rows.",
    ]);
    expect(of({ sorted: true }, upside).notes).toEqual([]);
  });
});
