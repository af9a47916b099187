import { describe, expect, it } from "vitest";
import { laneOf, pathThrough } from "./edge-lanes";

const span = (to: { x: number; y: number }, ...tops: number[]) => ({
  id: "e",
  from: { x: 200, y: 24 },
  to,
  obstacles: tops.map((y, index) => ({ x: 250 + index * 250, y, width: 192, height: 48 })),
});

describe("the lane of an edge", () => {
  it("is not needed if nothing is in the way", () => {
    expect(laneOf(span({ x: 800, y: 24 }, 200, -200))).toBeNull();
  });

  it("leads around the steps between its ends, on the nearer side", () => {
    expect(laneOf(span({ x: 800, y: 24 }, 0))).toBe(-20);
    expect(laneOf(span({ x: 800, y: 24 }, -10, -10))).toBe(58);
  });

  it("leads back between two rows", () => {
    const lane = laneOf({ ...span({ x: 0, y: 300 }), obstacles: [{ x: 8, y: 0, width: 192, height: 48 }] });
    expect(lane).toBe(162);
  });

  it("is part of the path", () => {
    const path = pathThrough({ x: 0, y: 0 }, { x: 400, y: 0 }, -60);
    expect(path).toMatch(/^M 0 0 L/);
    expect(path).toContain("28 -60");
    expect(path).toMatch(/L 400 0$/);
  });
});
