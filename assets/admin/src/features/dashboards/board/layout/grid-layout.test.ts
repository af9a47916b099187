import { describe, expect, it } from "vitest";
import type { LayoutItem } from "@/lib/api/model";
import { breakpointOf, gridColumns, compact, derive, freeKey, layoutFor, nudge, place } from "./grid-layout";

const cell = (i: string, x: number, y: number, w: number, h: number): LayoutItem => ({ i, x, y, w, h });

const overlap = (cells: LayoutItem[]) =>
  cells.some((a, index) =>
    cells
      .slice(index + 1)
      .some((b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h),
  );

const desktop = [
  cell("a", 0, 0, 3, 2),
  cell("b", 3, 0, 3, 2),
  cell("c", 6, 0, 3, 2),
  cell("line", 0, 2, 8, 6),
  cell("bar", 8, 2, 4, 6),
];

describe("compact", () => {
  it("removes empty rows and keeps cells apart", () => {
    expect(compact([cell("a", 0, 5, 4, 2), cell("b", 2, 9, 4, 2)], 12)).toEqual([
      cell("a", 0, 0, 4, 2),
      cell("b", 2, 2, 4, 2),
    ]);
  });

  it("moves cells back onto the page", () => {
    expect(compact([cell("a", 11, 0, 6, 0)], 12)).toEqual([cell("a", 6, 0, 6, 1)]);
    expect(compact([cell("a", -3, 0, 40, 2)], 12)).toEqual([cell("a", 0, 0, 12, 2)]);
  });

  it("never leaves an overlap, whatever the input", () => {
    const wild = Array.from({ length: 60 }, (_, index) =>
      cell(`c${index}`, (index * 7) % 13, (index * 5) % 9, 1 + (index % 6), 1 + (index % 4)),
    );
    expect(overlap(compact(wild, 12))).toBe(false);
  });
});

describe("place", () => {
  it("uses the first gap that is large enough", () => {
    expect(place([cell("a", 0, 0, 4, 2), cell("b", 8, 0, 4, 2)], "new", { w: 4, h: 2 }, 12)).toEqual(
      cell("new", 4, 0, 4, 2),
    );
    expect(place([cell("a", 0, 0, 4, 2), cell("b", 8, 0, 4, 2)], "new", { w: 6, h: 2 }, 12)).toEqual(
      cell("new", 0, 2, 6, 2),
    );
  });

  it("shrinks items that are wider than the page", () => {
    expect(place([], "new", { w: 6, h: 2 }, 2).w).toBe(2);
  });
});

describe("derive", () => {
  it("pairs small tiles on a phone and gives charts the full width", () => {
    expect(derive(desktop, 12, 2)).toEqual([
      cell("a", 0, 0, 1, 2),
      cell("b", 1, 0, 1, 2),
      cell("c", 0, 2, 2, 2),
      cell("line", 0, 4, 2, 6),
      cell("bar", 0, 10, 2, 6),
    ]);
  });

  it("fills every row on a tablet", () => {
    const tablet = derive(desktop, 12, 6);
    expect(overlap(tablet)).toBe(false);
    for (const y of new Set(tablet.map((item) => item.y)))
      expect(tablet.filter((item) => item.y === y).reduce((sum, { w }) => sum + w, 0)).toBe(6);
  });
});

describe("layoutFor", () => {
  const items = desktop.map(({ i }) => ({ key: i, widgetID: i }));
  const size = () => ({ w: 6, h: 3 });

  it("derives narrow layouts until they get their own", () => {
    expect(layoutFor("sm", items, { lg: desktop }, size)).toEqual(derive(desktop, 12, 2));
    const own = items.map(({ key }, index) => cell(key, 0, index, 2, 1));
    expect(layoutFor("sm", items, { lg: desktop, sm: own }, size)).toEqual(own);
  });

  it("finds a place for items without one and drops cells without an item", () => {
    const cells = layoutFor(
      "lg",
      [...items, { key: "new", widgetID: "new" }],
      { lg: [...desktop, cell("gone", 0, 20, 4, 4)] },
      size,
    );
    expect(cells.map(({ i }) => i).sort()).toEqual(["a", "b", "bar", "c", "line", "new"]);
    expect(overlap(cells)).toBe(false);
  });
});

describe("nudge", () => {
  it("swaps places with the neighbor above or below", () => {
    const stack = [cell("top", 0, 0, 4, 3), cell("bottom", 0, 3, 4, 2)];
    expect(nudge(stack, "top", "down", 12)).toEqual([cell("bottom", 0, 0, 4, 2), cell("top", 0, 2, 4, 3)]);
    expect(nudge(stack, "bottom", "up", 12)).toEqual([cell("bottom", 0, 0, 4, 2), cell("top", 0, 2, 4, 3)]);
  });

  it("stays on the page and keeps at least one column and row", () => {
    expect(nudge([cell("a", 0, 0, 1, 1)], "a", "left", 12)).toEqual([cell("a", 0, 0, 1, 1)]);
    expect(nudge([cell("a", 0, 0, 1, 1)], "a", "narrower", 12)).toEqual([cell("a", 0, 0, 1, 1)]);
    expect(nudge([cell("a", 8, 0, 4, 1)], "a", "wider", 12)).toEqual([cell("a", 8, 0, 4, 1)]);
    expect(nudge([cell("a", 8, 0, 4, 1)], "a", "taller", 12)).toEqual([cell("a", 8, 0, 4, 2)]);
  });
});

it("knows the breakpoints' columns and gives free keys", () => {
  expect([1200, 700, 390].map((width) => gridColumns[breakpointOf(width)])).toEqual([12, 6, 2]);
  expect(
    freeKey([
      { key: "item1", widgetID: "x" },
      { key: "item3", widgetID: "x" },
    ]),
  ).toBe("item4");
});
