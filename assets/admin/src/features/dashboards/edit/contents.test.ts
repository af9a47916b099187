import { expect, test } from "vitest";
import type { DashboardDraft, DataQuery, DataQueryDraft, Widget, WidgetDraft } from "@/lib/api/model";
import {
  freeName,
  hasContents,
  moveToLibrary,
  noContents,
  placeOf,
  requestOf,
  type Contents,
} from "./contents";

const draftWith = (...widgetIDs: string[]): DashboardDraft => ({
  name: "Sales",
  tabs: [],
  items: widgetIDs.map((widgetID, index) => ({ key: `i${index}`, widgetID })),
  layouts: {},
  variables: [],
  refreshSeconds: 0,
});

const widget = (id: string, queryID: string): Widget =>
  ({ id, name: id, version: 3, type: "table", config: { queryID }, dashboardID: "d" }) as unknown as Widget;
const query = (id: string): DataQuery =>
  ({ id, name: id, version: 4, dashboardID: "d" }) as unknown as DataQuery;
const localWidget = (queryID: string, version: number | null = null) => ({
  draft: { name: "New", type: "table", config: { queryID } } as unknown as WidgetDraft,
  version,
  dashboardID: "d",
});
const localQuery = { draft: { name: "New" } as unknown as DataQueryDraft, version: null, dashboardID: "d" };

const ask = (
  before: DashboardDraft,
  draft: DashboardDraft,
  contents: Contents,
  owned = { widgets: [], queries: [] } as never,
) => requestOf(draft, 2, { before, contents, owned });

test("a new widget and its query are saved, unless the widget was removed again", () => {
  const contents = { widgets: { w: localWidget("q") }, queries: { q: localQuery } };
  const request = ask(draftWith(), draftWith("w"), contents);
  expect(request.dashboard).toMatchObject({ name: "Sales", version: 2 });
  expect(request.widgets).toEqual([
    { id: "w", name: "New", type: "table", config: { queryID: "q" }, dashboardID: "d" },
  ]);
  expect(request.queries?.map(({ id }) => id)).toEqual(["q"]);
  const without = ask(draftWith(), draftWith(), contents);
  expect([without.widgets, without.queries]).toEqual([[], []]);
  expect([hasContents(draftWith("w"), contents), hasContents(draftWith(), contents)]).toEqual([true, false]);
});

test("what was taken off the dashboard is deleted with the queries that nothing uses now", () => {
  const owned = {
    widgets: [widget("w1", "q1"), widget("w2", "q2"), widget("off", "q3")],
    queries: ["q1", "q2", "q3"].map(query),
  };
  const request = requestOf(draftWith("w2"), 2, {
    before: draftWith("w1", "w2"),
    contents: noContents,
    owned,
  });
  expect(request.deletedWidgets).toEqual([{ id: "w1", version: 3 }]);
  expect(request.deletedQueries).toEqual([{ id: "q1", version: 4 }]);
  // another widget now uses the query
  const taken = { widgets: { w2: localWidget("q1", 3) }, queries: {} };
  const second = requestOf(draftWith("w2"), 2, { before: draftWith("w1", "w2"), contents: taken, owned });
  expect(second.deletedQueries?.map(({ id }) => id)).toEqual(["q2"]);
  expect(second.widgets?.[0]).toMatchObject({ id: "w2", version: 3 });
});

test("a widget that moved to the library is not deleted when it is taken off the dashboard", () => {
  const local = localWidget("q1", 3);
  const contents = moveToLibrary({ widgets: {}, queries: { q1: localQuery, q2: localQuery } }, "w1", local);
  expect(contents.widgets["w1"]?.dashboardID).toBeNull();
  expect([contents.queries["q1"]?.dashboardID, contents.queries["q2"]?.dashboardID]).toEqual([null, "d"]);
  const owned = { widgets: [widget("w1", "q1")], queries: [] };
  expect(requestOf(draftWith(), 2, { before: draftWith("w1"), contents, owned }).deletedWidgets).toEqual([]);
});

test("names are made unique, and errors are traced to the record that was sent", () => {
  expect(freeName("Orders", ["Orders", "Orders 2"])).toBe("Orders 3");
  const request = ask(draftWith(), draftWith("w"), {
    widgets: { w: localWidget("q") },
    queries: { q: localQuery },
  });
  expect(placeOf("widgets[0].config.queryID", request)).toEqual({ kind: "widget", id: "w" });
  expect(placeOf("queries[0]", request)).toEqual({ kind: "dataquery", id: "q" });
  expect(placeOf("dashboard.items[0]", request)).toBeNull();
});
