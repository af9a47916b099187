import { describe, expect, it } from "vitest";
import { toFlowNodes } from "./flow-model";
import { READABLE, resizedView, startView } from "./start-view";

const frame = { width: 1000, height: 600 };
const row = (count: number, gap = 248, y = 0) =>
  toFlowNodes(
    {
      nodes: Array.from({ length: count }, (_, index) => ({
        id: `n${index}`,
        type: index === 0 ? "start" : "set",
        name: `n${index}`,
        config: {},
        position: { x: index * gap, y: index === 0 ? y : 0 },
      })),
      edges: [],
    },
    [],
  );

describe("the first view of a workflow", () => {
  it("shows a small workflow as a whole, and not enlarged", () => {
    const view = startView(row(2), frame);
    expect(view?.zoom).toBe(1);
    expect(view?.x).toBe((1000 - 440) / 2);
  });

  it("zooms out as far as names are readable", () => {
    const view = startView(row(5), frame);
    expect(view?.zoom).toBeCloseTo(920 / (4 * 248 + 192));
  });

  it("begins at the start step where not all steps are readable", () => {
    const view = startView(row(30), frame);
    expect(view?.zoom).toBe(READABLE);
    expect(view?.x).toBe(40);
  });

  it("shows a start step that is not in a corner", () => {
    const view = startView(row(30, 248, 2000), frame);
    const top = 2000 * READABLE + (view?.y ?? 0);
    expect(top).toBeGreaterThan(0);
    expect(top).toBeLessThan(600);
  });

  it("begins at the start step again when panels beside the canvas open, unless somebody has moved it", () => {
    const smaller = { width: 735, height: 600 };
    for (const count of [4, 30]) {
      const first = startView(row(count), frame) ?? { x: 0, y: 0, zoom: 1 };
      expect(resizedView(row(count), first, frame, smaller)).toEqual(startView(row(count), smaller));
      const moved = { ...first, x: first.x - 300 };
      expect(resizedView(row(count), moved, frame, smaller)).toEqual({ ...moved, x: moved.x - 265 / 2 });
    }
  });

  it("does not exist for an empty canvas", () => {
    expect(startView([], frame)).toBeNull();
  });
});
