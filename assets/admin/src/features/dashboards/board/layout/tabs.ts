import { t } from "@lingui/core/macro";
import type { DashboardDraft, DashboardItem, DashboardTab } from "@/lib/api/model";
import { forgetLayout, removeItem, withCells } from "../../edit/edit-state";
import { gridColumns, layoutFor, place, type CellSize } from "./grid-layout";

/** The URL parameter of the tab. */
export const TAB = "tab";
export const MAX_TABS = 20;

/** Returns the tab with a key, else the first one; null on a dashboard without tabs. */
export function tabOf(tabs: readonly DashboardTab[], key: string | null): string | null {
  return (tabs.find((tab) => tab.key === key) ?? tabs[0])?.key ?? null;
}

/** Writes the tab to the URL; the first one is omitted. */
export function writeTab(
  search: URLSearchParams,
  tabs: readonly DashboardTab[],
  key: string,
): URLSearchParams {
  const next = new URLSearchParams(search);
  if (key === tabs[0]?.key) next.delete(TAB);
  else next.set(TAB, key);
  return next;
}

/** Returns the items of a tab; all of them if there are no tabs. */
export const itemsOn = (items: readonly DashboardItem[], tab: string | null): DashboardItem[] =>
  items.filter((item) => tab === null || item.tab === tab);

function freeTab(tabs: readonly DashboardTab[]): DashboardTab {
  for (let number = tabs.length + 1; ; number += 1) {
    const key = `tab${number}`;
    if (!tabs.some((tab) => tab.key === key)) return { key, title: t`Tab ${number}` };
  }
}

/** Adds a tab at the end. The first one takes all items of the dashboard. */
export function addTab(draft: DashboardDraft): { draft: DashboardDraft; key: string } {
  if (draft.tabs.length > 0) {
    const tab = freeTab(draft.tabs);
    return { draft: { ...draft, tabs: [...draft.tabs, tab] }, key: tab.key };
  }
  const first = freeTab([]);
  return addTab({ ...draft, tabs: [first], items: draft.items.map((item) => ({ ...item, tab: first.key })) });
}

/** An empty title keeps the old one. */
export function renameTab(draft: DashboardDraft, key: string, title: string): DashboardDraft {
  const words = title.trim();
  return words
    ? { ...draft, tabs: draft.tabs.map((tab) => (tab.key === key ? { ...tab, title: words } : tab)) }
    : draft;
}

/** Moves a tab to another place in the row. */
export function moveTab(draft: DashboardDraft, key: string, to: number): DashboardDraft {
  const tab = draft.tabs.find((one) => one.key === key);
  if (!tab) return draft;
  return { ...draft, tabs: draft.tabs.filter((one) => one !== tab).toSpliced(Math.max(0, to), 0, tab) };
}

/** Removes a tab with its items; the last tab is removed without them. */
export function removeTab(draft: DashboardDraft, key: string): DashboardDraft {
  const tabs = draft.tabs.filter((tab) => tab.key !== key);
  if (tabs.length === 0) return { ...draft, tabs, items: draft.items.map(({ tab: _, ...item }) => item) };
  return { ...itemsOn(draft.items, key).reduce((rest, item) => removeItem(rest, item.key), draft), tabs };
}

/** Moves an item to another tab: to its first free place, in the same size. */
export function moveItem(
  draft: DashboardDraft,
  key: string,
  to: string,
  sizeOf: (item: DashboardItem) => CellSize,
): DashboardDraft {
  const item = draft.items.find((one) => one.key === key);
  if (!item) return draft;
  const size = draft.layouts.lg?.find(({ i }) => i === key) ?? sizeOf(item);
  const without = (["md", "sm"] as const).reduce(
    (rest, breakpoint) => forgetLayout(rest, breakpoint, [item]),
    draft,
  );
  const there = layoutFor("lg", itemsOn(draft.items, to), draft.layouts, sizeOf);
  const lg = withCells(without.layouts.lg, [
    ...there,
    place(there, key, { w: size.w, h: size.h }, gridColumns.lg),
  ]);
  return {
    ...without,
    items: draft.items.map((one) => (one === item ? { ...item, tab: to } : one)),
    layouts: { ...without.layouts, lg },
  };
}
