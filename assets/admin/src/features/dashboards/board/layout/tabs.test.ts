import { describe, expect, it } from "vitest";
import type { DashboardDraft } from "@/lib/api/model";
import { addWidget, duplicateItem, forgetLayout, relayout } from "../../edit/edit-state";
import { layoutFor } from "./grid-layout";
import { addTab, itemsOn, moveItem, moveTab, removeTab, renameTab, tabOf, writeTab } from "./tabs";

const cell = (i: string, x: number, y: number, w = 3, h = 2) => ({ i, x, y, w, h });
const size = () => ({ w: 3, h: 2 });

const plain: DashboardDraft = {
  name: "Sales",
  tabs: [],
  items: [{ key: "a", widgetID: "w1" }],
  layouts: { lg: [cell("a", 0, 0)] },
  variables: [],
  refreshSeconds: 0,
};
const draft: DashboardDraft = {
  ...plain,
  tabs: [
    { key: "one", title: "One" },
    { key: "two", title: "Two" },
  ],
  items: [
    { key: "a", widgetID: "w1", tab: "one" },
    { key: "b", widgetID: "w2", tab: "two" },
    { key: "c", widgetID: "w3", tab: "one" },
  ],
  layouts: {
    lg: [cell("a", 0, 0, 4, 5), cell("b", 0, 0), cell("c", 4, 0)],
    sm: [cell("a", 0, 0, 2), cell("b", 0, 0, 2)],
  },
};
const keys = (items: { key: string }[]) => items.map(({ key }) => key);

describe("the tab in the URL", () => {
  it("is the tab of that key, else the first", () => {
    expect([
      tabOf(draft.tabs, "two"),
      tabOf(draft.tabs, "gone"),
      tabOf(draft.tabs, null),
      tabOf([], "two"),
    ]).toEqual(["two", "one", "one", null]);
    expect(writeTab(new URLSearchParams("region=EU"), draft.tabs, "two").toString()).toBe(
      "region=EU&tab=two",
    );
    expect(writeTab(new URLSearchParams("tab=two"), draft.tabs, "one").toString()).toBe("");
    expect([keys(itemsOn(draft.items, "one")), keys(itemsOn(plain.items, null))]).toEqual([
      ["a", "c"],
      ["a"],
    ]);
  });
});

describe("tabs", () => {
  it("start as two, the first with all existing items", () => {
    const { draft: begun, key } = addTab(plain);
    expect([begun.tabs, key, begun.items]).toEqual([
      [
        { key: "tab1", title: "Tab 1" },
        { key: "tab2", title: "Tab 2" },
      ],
      "tab2",
      [{ key: "a", widgetID: "w1", tab: "tab1" }],
    ]);
    expect(addTab(draft)).toMatchObject({
      key: "tab3",
      draft: { tabs: [{ key: "one" }, { key: "two" }, { key: "tab3" }] },
    });
  });

  it("keep their keys when they are renamed and moved", () => {
    expect(renameTab(draft, "two", " Details ").tabs[1]).toEqual({ key: "two", title: "Details" });
    expect(renameTab(draft, "two", "  ")).toBe(draft);
    expect([keys(moveTab(draft, "two", 0).tabs), keys(moveTab(draft, "one", 1).tabs)]).toEqual([
      ["two", "one"],
      ["two", "one"],
    ]);
  });

  it("are removed with their items, except for the last", () => {
    const one = removeTab(draft, "one");
    expect([keys(one.tabs), keys(one.items), one.layouts]).toEqual([
      ["two"],
      ["b"],
      { lg: [cell("b", 0, 0)], sm: [cell("b", 0, 0, 2)] },
    ]);
    expect(removeTab(one, "two")).toMatchObject({
      tabs: [],
      items: [{ key: "b", widgetID: "w2" }],
      layouts: one.layouts,
    });
    expect(removeTab(one, "two").items[0]).not.toHaveProperty("tab");
  });
});

describe("an item", () => {
  it("moves to a free place on another tab, in the same size", () => {
    const moved = moveItem(draft, "a", "two", size);
    expect(moved.items[0]).toEqual({ key: "a", widgetID: "w1", tab: "two" });
    expect(layoutFor("lg", itemsOn(moved.items, "two"), moved.layouts, size)).toEqual([
      cell("b", 0, 0),
      cell("a", 3, 0, 4, 5),
    ]);
    expect([layoutFor("lg", itemsOn(moved.items, "one"), moved.layouts, size), moved.layouts.sm]).toEqual([
      [cell("c", 4, 0)],
      [cell("b", 0, 0, 2)],
    ]);
  });

  it("is added, duplicated and laid out next to items of the same tab only", () => {
    const lg = layoutFor("lg", itemsOn(draft.items, "two"), draft.layouts, size);
    const added = addWidget(draft, { id: "w4" } as Parameters<typeof addWidget>[1], size(), lg, "two");
    expect([added.items.at(-1), added.layouts.lg?.at(-1), added.layouts.lg?.length]).toEqual([
      { key: "item4", widgetID: "w4", tab: "two" },
      cell("item4", 3, 0),
      4,
    ]);
    expect(duplicateItem(draft, "b", lg).items[2]).toEqual({ key: "item4", widgetID: "w2", tab: "two" });
    expect(relayout(draft, "lg", [cell("b", 6, 0)]).layouts.lg).toEqual([
      cell("a", 0, 0, 4, 5),
      cell("c", 4, 0),
      cell("b", 6, 0),
    ]);
  });

  it("returns to the desktop layout without the items of other tabs", () => {
    const forgot = forgetLayout(draft, "sm", itemsOn(draft.items, "one"));
    expect(forgot.layouts.sm).toEqual([cell("b", 0, 0, 2)]);
    expect(forgetLayout(forgot, "sm", itemsOn(draft.items, "two")).layouts).toEqual({ lg: draft.layouts.lg });
    expect(layoutFor("sm", itemsOn(forgot.items, "one"), forgot.layouts, size)).toHaveLength(2);
  });
});
