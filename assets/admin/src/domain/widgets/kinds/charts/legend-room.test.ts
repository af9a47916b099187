import { describe, expect, it } from "vitest";
import { barDrawing } from "./options/cartesian";
import { legendMedia, legendOf } from "./options/legend";
import { drawn } from "./options/testing";

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
