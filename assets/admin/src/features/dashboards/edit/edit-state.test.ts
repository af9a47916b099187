import { act, createElement } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DashboardDraft, Widget } from "@/lib/api/model";
import {
  addWidget,
  duplicateItem,
  forgetLayout,
  relayout,
  removeItem,
  retitle,
  useUndoable,
} from "./edit-state";

const draft: DashboardDraft = {
  name: "Sales",
  tabs: [],
  items: [{ key: "item1", widgetID: "w1" }],
  layouts: { lg: [{ i: "item1", x: 0, y: 0, w: 3, h: 2 }], sm: [{ i: "item1", x: 0, y: 0, w: 2, h: 2 }] },
  variables: [],
  refreshSeconds: 0,
};

describe("dashboard edits", () => {
  it("add items beside existing ones and remove them from every layout", () => {
    const added = addWidget(draft, { id: "w2" } as Widget, { w: 3, h: 2 }, draft.layouts.lg ?? []);
    expect(added.items.at(-1)).toEqual({ key: "item2", widgetID: "w2" });
    expect(added.layouts.lg?.at(-1)).toEqual({ i: "item2", x: 3, y: 0, w: 3, h: 2 });
    expect(removeItem(added, "item1")).toMatchObject({
      items: [{ key: "item2" }],
      layouts: { lg: [{ i: "item2" }], sm: [] },
    });
  });

  it("put a duplicate below its original, in every layout that has it", () => {
    const twice = duplicateItem(retitle(draft, "item1", "Net"), "item1", draft.layouts.lg ?? []);
    expect(twice.items).toEqual([
      { key: "item1", widgetID: "w1", title: "Net" },
      { key: "item2", widgetID: "w1", title: "Net" },
    ]);
    expect(twice.layouts).toMatchObject({
      lg: [{ i: "item1" }, { i: "item2", x: 0, y: 2, w: 3, h: 2 }],
      sm: [{ i: "item1" }, { i: "item2", y: 2 }],
    });
    expect(duplicateItem(draft, "gone", [])).toBe(draft);
  });

  it("restore the widget's own name for an empty title", () => {
    const named = retitle(draft, "item1", " Net ");
    expect(named.items[0]).toEqual({ key: "item1", widgetID: "w1", title: "Net" });
    expect(retitle(named, "item1", "  ").items[0]).toEqual({ key: "item1", widgetID: "w1" });
  });

  it("drop the grid library's own fields", () => {
    const cells = [{ i: "item1", x: 1, y: 0, w: 3, h: 2, moved: true, minW: 1 }];
    expect(relayout(draft, "lg", cells).layouts.lg).toEqual([{ i: "item1", x: 1, y: 0, w: 3, h: 2 }]);
    expect(forgetLayout(draft, "sm", draft.items).layouts).toEqual({ lg: draft.layouts.lg });
  });
});

describe("useUndoable", () => {
  let current: ReturnType<typeof useUndoable<DashboardDraft>>;
  let shown: DashboardDraft;

  beforeEach(() => {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    vi.useFakeTimers();
    shown = draft;
    const root = createRoot(document.createElement("div"));
    const Harness = () => {
      current = useUndoable(shown, (next) => {
        shown = next;
        root.render(createElement(Harness));
      });
      return null;
    };
    act(() => root.render(createElement(Harness)));
  });
  afterEach(() => vi.useRealTimers());

  const named = (name: string, tag?: string) => act(() => current.change({ ...shown, name }, tag));

  it("undoes and redoes steps", () => {
    named("A");
    named("B");
    act(() => current.undo());
    expect(shown.name).toBe("A");
    act(() => current.undo());
    expect([shown.name, current.mayUndo, current.mayRedo]).toEqual(["Sales", false, true]);
    act(() => current.redo());
    act(() => current.redo());
    expect([shown.name, current.mayRedo]).toEqual(["B", false]);
  });

  it("merges quick typing into one field into one step", () => {
    named("N", "title");
    named("Ne", "title");
    named("Net", "title");
    act(() => current.undo());
    expect(shown.name).toBe("Sales");
  });

  it("keeps slow changes and other fields as separate steps", () => {
    named("N", "title");
    vi.advanceTimersByTime(5000);
    named("Ne", "title");
    named("Nex", "other");
    act(() => current.undo());
    act(() => current.undo());
    expect(shown.name).toBe("N");
  });
});
