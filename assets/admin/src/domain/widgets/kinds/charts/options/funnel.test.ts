import { describe, expect, it } from "vitest";
import { inks } from "../chart-theme";
import { funnelDrawing, funnelSteps, mix } from "./funnel";

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
    expect(funnelDrawing({ label: "s" }, rows, [], inks.light, "#000000")).toHaveProperty("missing");
  });
});

it("blends colors", () => {
  expect([
    mix("#000000", "#ffffff", 0),
    mix("#000000", "#ffffff", 0.5),
    mix("#102030", "#ffffff", 1),
  ]).toEqual(["#000000", "#808080", "#ffffff"]);
});
