import { useCallback, useRef, useState } from "react";
import type {
  Breakpoint,
  Dashboard,
  DashboardDraft,
  DashboardItem,
  LayoutItem,
  Widget,
} from "@/lib/api/model";
import { emptyUndo, redo, remember, undo, type Undo } from "@/lib/undo";
import { gridColumns, freeKey, place, type CellSize } from "../board/layout/grid-layout";

export const dashboardDraftOf = ({
  name,
  description,
  tabs,
  items,
  layouts,
  variables,
  refreshSeconds,
  timeZone,
}: Dashboard): DashboardDraft => ({
  name,
  description,
  tabs,
  items,
  layouts,
  variables,
  refreshSeconds,
  ...(timeZone ? { timeZone } : {}),
});

/** Returns a layout with these cells; those on other tabs stay. */
export function withCells(
  layout: readonly LayoutItem[] | undefined,
  cells: readonly LayoutItem[],
): LayoutItem[] {
  return [
    ...(layout ?? []).filter(({ i }) => !cells.some((cell) => cell.i === i)),
    ...cells.map(({ i, x, y, w, h }) => ({ i, x, y, w, h })),
  ];
}

/** Adds a widget to a tab, or to a dashboard without tabs, at the first free place beside `lg`, the existing cells. */
export function addWidget(
  draft: DashboardDraft,
  widget: Widget,
  size: CellSize,
  lg: readonly LayoutItem[],
  tab: string | null = null,
): DashboardDraft {
  const key = freeKey(draft.items);
  const layouts: Dashboard["layouts"] = {
    ...draft.layouts,
    lg: withCells(draft.layouts.lg, [...lg, place(lg, key, size, gridColumns.lg)]),
  };
  return {
    ...draft,
    items: [...draft.items, { key, widgetID: widget.id, ...(tab === null ? {} : { tab }) }],
    layouts,
  };
}

/** Adds a copy of an item below it, of the same size, in every layout that has it. */
export function duplicateItem(draft: DashboardDraft, key: string, lg: readonly LayoutItem[]): DashboardDraft {
  const index = draft.items.findIndex((item) => item.key === key);
  const item = draft.items[index];
  if (!item) return draft;
  const twin = freeKey(draft.items);
  const twice = (cells: readonly LayoutItem[]) =>
    cells.flatMap((cell) => (cell.i === key ? [cell, { ...cell, i: twin, y: cell.y + cell.h }] : [cell]));
  const layouts = Object.fromEntries(
    Object.entries({ ...draft.layouts, lg: withCells(draft.layouts.lg, lg) }).map(([breakpoint, cells]) => [
      breakpoint,
      twice(cells),
    ]),
  );
  return { ...draft, items: draft.items.toSpliced(index + 1, 0, { ...item, key: twin }), layouts };
}

export function removeItem(draft: DashboardDraft, key: string): DashboardDraft {
  const layouts = Object.fromEntries(
    Object.entries(draft.layouts).map(([breakpoint, cells]) => [
      breakpoint,
      cells.filter(({ i }) => i !== key),
    ]),
  );
  return { ...draft, items: draft.items.filter((item) => item.key !== key), layouts };
}

/** An empty title restores the widget's own name. */
export function retitle(draft: DashboardDraft, key: string, title: string): DashboardDraft {
  const change = ({ title: _, ...item }: DashboardItem): DashboardItem =>
    title.trim() ? { ...item, title: title.trim() } : item;
  return { ...draft, items: draft.items.map((item) => (item.key === key ? change(item) : item)) };
}

/** Shows an item only in a drawer, or on the grid again. */
export function setDrawer(draft: DashboardDraft, key: string, drawer: boolean): DashboardDraft {
  const change = ({ drawer: _, ...item }: DashboardItem): DashboardItem =>
    drawer ? { ...item, drawer } : item;
  return { ...draft, items: draft.items.map((item) => (item.key === key ? change(item) : item)) };
}

/** Sets the conditions of an item; none show it always. */
export function setWhen(
  draft: DashboardDraft,
  key: string,
  when: NonNullable<DashboardItem["when"]>,
): DashboardDraft {
  const change = ({ when: _, ...item }: DashboardItem): DashboardItem =>
    when.length ? { ...item, when } : item;
  return { ...draft, items: draft.items.map((item) => (item.key === key ? change(item) : item)) };
}

export function relayout(
  draft: DashboardDraft,
  breakpoint: Breakpoint,
  cells: readonly LayoutItem[],
): DashboardDraft {
  return {
    ...draft,
    layouts: { ...draft.layouts, [breakpoint]: withCells(draft.layouts[breakpoint], cells) },
  };
}

/** Removes these items' cells from a layout, and the layout if nothing else is in it. */
export function forgetLayout(
  draft: DashboardDraft,
  breakpoint: Breakpoint,
  items: readonly DashboardItem[],
): DashboardDraft {
  const { [breakpoint]: cells = [], ...layouts } = draft.layouts;
  const kept = cells.filter(({ i }) => !items.some(({ key }) => key === i));
  return { ...draft, layouts: kept.length ? { ...layouts, [breakpoint]: kept } : layouts };
}

/** Changes of one field within this time are one undo step. */
const COALESCE_MS = 1500;

/** Edits a value with undo; quick changes with the same `tag` are one step. */
export function useUndoable<T>(value: T, setValue: (value: T) => void) {
  const [steps, setSteps] = useState<Undo<T>>(emptyUndo);
  const last = useRef({ tag: "", at: 0 });

  const change = (next: T, tag = "") => {
    const now = Date.now();
    const same = tag !== "" && tag === last.current.tag && now - last.current.at < COALESCE_MS;
    last.current = { tag, at: now };
    if (!same) setSteps((old) => remember(old, value));
    setValue(next);
  };
  const step = (move: typeof undo<T>) => () => {
    const moved = move(steps, value);
    if (!moved) return;
    last.current = { tag: "", at: 0 };
    setSteps(moved.undo);
    setValue(moved.value);
  };
  const forget = useCallback(() => setSteps(emptyUndo), []);
  return {
    change,
    undo: step(undo),
    redo: step(redo),
    mayUndo: steps.past.length > 0,
    mayRedo: steps.future.length > 0,
    forget,
  };
}
