import type { Breakpoint, Dashboard, DashboardItem, LayoutItem } from "@/lib/api/model";

export interface CellSize {
  w: number;
  h: number;
}

type Layouts = Dashboard["layouts"];

/** Number of columns by page width. Rows have the same height everywhere. */
export const gridColumns: Record<Breakpoint, number> = { lg: 12, md: 6, sm: 2 };
export const ROW = 48;
export const GAP = 12;

export function breakpointOf(width: number): Breakpoint {
  return width >= 900 ? "lg" : width >= 560 ? "md" : "sm";
}

/** Sorts in reading order: from the top, in each row from the left. */
export function inOrder(layout: readonly LayoutItem[]): LayoutItem[] {
  return [...layout].sort((a, b) => a.y - b.y || a.x - b.x);
}

const overlapsX = (a: LayoutItem, b: LayoutItem) => a.x < b.x + b.w && b.x < a.x + a.w;
const overlaps = (a: LayoutItem, b: LayoutItem) => overlapsX(a, b) && a.y < b.y + b.h && b.y < a.y + a.h;

/** Moves every cell up until it meets another, so that nothing overlaps and no row is empty. */
export function compact(layout: readonly LayoutItem[], columns: number): LayoutItem[] {
  const placed: LayoutItem[] = [];
  for (const { i, x, y, w, h } of inOrder(layout)) {
    const width = Math.min(Math.max(1, w), columns);
    const cell = { i, x: Math.min(Math.max(0, x), columns - width), y, w: width, h: Math.max(1, h) };
    const bottom = Math.max(
      0,
      ...placed.filter((other) => overlapsX(cell, other)).map((other) => other.y + other.h),
    );
    placed.push({ ...cell, y: bottom });
  }
  return placed;
}

/** Returns the first free place of a size, from the top. */
export function place(layout: readonly LayoutItem[], i: string, size: CellSize, columns: number): LayoutItem {
  const w = Math.min(size.w, columns);
  for (let y = 0; ; y += 1) {
    for (let x = 0; x + w <= columns; x += 1) {
      const cell = { i, x, y, w, h: size.h };
      if (!layout.some((other) => overlaps(cell, other))) return cell;
    }
  }
}

/** Rearranges the cells for a narrower page: in reading order, row by row, the last of each row filling it. */
export function derive(layout: readonly LayoutItem[], from: number, columns: number): LayoutItem[] {
  const rows: LayoutItem[][] = [[]];
  for (const cell of inOrder(layout)) {
    // A quarter of the desktop width stays a small tile; wider items get the room they need to be readable.
    const w =
      cell.w * 4 <= from
        ? Math.max(1, Math.round(columns / 3))
        : Math.min(columns, Math.max(Math.ceil(columns / 2), Math.round((cell.w * columns) / from)));
    const width = columns <= 2 && cell.w * 4 > from ? columns : w;
    const row = rows.at(-1) ?? [];
    const used = row.reduce((sum, other) => sum + other.w, 0);
    if (used + width <= columns) row.push({ ...cell, x: used, w: width });
    else rows.push([{ ...cell, x: 0, w: width }]);
  }
  let y = 0;
  return rows.flatMap((row) => {
    const top = y;
    y += Math.max(0, ...row.map(({ h }) => h));
    return row.map((cell, index) => ({
      i: cell.i,
      x: cell.x,
      y: top,
      w: index === row.length - 1 ? columns - cell.x : cell.w,
      h: cell.h,
    }));
  });
}

/** Whether any of these items has its own layout at a width. */
export const isLaidOut = (
  breakpoint: Breakpoint,
  items: readonly DashboardItem[],
  layouts: Layouts,
): boolean => layouts[breakpoint]?.some(({ i }) => items.some(({ key }) => key === i)) ?? false;

/** Returns where these items, which share a grid, are at a width: their own layout, or one derived from the desktop. */
export function layoutFor(
  breakpoint: Breakpoint,
  items: readonly DashboardItem[],
  layouts: Layouts,
  sizeOf: (item: DashboardItem) => CellSize,
): LayoutItem[] {
  const columns = gridColumns[breakpoint];
  if (breakpoint === "lg" || isLaidOut(breakpoint, items, layouts))
    return compact(complete(layouts[breakpoint] ?? [], items, columns, sizeOf), columns);
  return derive(layoutFor("lg", items, layouts, sizeOf), gridColumns.lg, columns);
}

/** Removes cells of deleted items and adds one for each item without a cell. */
function complete(
  layout: readonly LayoutItem[],
  items: readonly DashboardItem[],
  columns: number,
  sizeOf: (item: DashboardItem) => CellSize,
): LayoutItem[] {
  const cells = layout.filter(({ i }) => items.some(({ key }) => key === i));
  for (const item of items) {
    if (cells.some(({ i }) => i === item.key)) continue;
    const { w, h } = sizeOf(item);
    cells.push(place(cells, item.key, { w: columns === gridColumns.lg ? w : columns, h }, columns));
  }
  return cells;
}

export type Nudge = "left" | "right" | "up" | "down" | "wider" | "narrower" | "taller" | "shorter";

/** Moves or resizes one cell by a step; up and down swap places with the neighbor. */
export function nudge(
  layout: readonly LayoutItem[],
  key: string,
  step: Nudge,
  columns: number,
): LayoutItem[] {
  const cell = layout.find(({ i }) => i === key);
  if (!cell) return [...layout];
  const beside = layout.filter((other) => other !== cell && overlapsX(cell, other));
  const below = inOrder(beside).find((other) => other.y >= cell.y + cell.h);
  const above = inOrder(beside).findLast((other) => other.y + other.h <= cell.y);
  const changes: Record<Nudge, Partial<LayoutItem>> = {
    left: { x: Math.max(0, cell.x - 1) },
    right: { x: Math.min(columns - cell.w, cell.x + 1) },
    // Half a row further: compacting then swaps the two.
    up: above ? { y: above.y - 0.5 } : {},
    down: below ? { y: below.y + 0.5 } : {},
    wider: { w: Math.min(columns - cell.x, cell.w + 1) },
    narrower: { w: Math.max(1, cell.w - 1) },
    taller: { h: cell.h + 1 },
    shorter: { h: Math.max(1, cell.h - 1) },
  };
  return compact(
    layout.map((other) => (other === cell ? { ...cell, ...changes[step] } : other)),
    columns,
  );
}

/** Returns a key that no item has. */
export function freeKey(items: readonly DashboardItem[]): string {
  for (let number = items.length + 1; ; number += 1) {
    const key = `item${number}`;
    if (!items.some((item) => item.key === key)) return key;
  }
}
