import type {
  DashboardContents,
  DashboardDraft,
  DataQuery,
  DataQueryDraft,
  Widget,
  WidgetDraft,
} from "@/lib/api/model";
import { mentions } from "@/lib/rows/mentions";

/** A widget or a query that is new or changed, and not saved yet. */
interface LocalRecord<D> {
  draft: D;
  /** The version that it changes; null if it is new. */
  version: number | null;
  /** The dashboard that it belongs to; null in the library. */
  dashboardID: string | null;
}

export type LocalWidget = LocalRecord<WidgetDraft>;
export type LocalQuery = LocalRecord<DataQueryDraft>;

/** The unsaved widgets and queries of a dashboard that is being edited, by ID. */
export interface Contents {
  widgets: Readonly<Record<string, LocalWidget>>;
  queries: Readonly<Record<string, LocalQuery>>;
}

export const noContents: Contents = { widgets: {}, queries: {} };

/** What is saved on the server and belongs to the dashboard. */
export interface Owned {
  widgets: readonly Widget[];
  queries: readonly DataQuery[];
}

/** Returns a widget as it is being edited. */
export function asWidget(id: string, { draft, version, dashboardID }: LocalWidget, saved?: Widget): Widget {
  const common = saved ?? { createdAt: "", updatedAt: "", createdBy: null };
  const tags = draft.tags ?? saved?.tags ?? [];
  return { ...common, description: "", ...draft, tags, id, dashboardID, version: version ?? 0 };
}

/** Returns a name that is not taken: "Orders", "Orders 2" and so on. */
export function freeName(wanted: string, taken: Iterable<string>): string {
  const all = new Set(taken);
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted} ${number}`;
    if (!all.has(name)) return name;
  }
}

/** Whether the widget is on the dashboard. */
const isOn = ({ items }: DashboardDraft, id: string) => items.some(({ widgetID }) => widgetID === id);

/**
 * Returns the unsaved records that the dashboard uses: an added widget that was removed again is not saved, and neither
 * are the new queries that only it used.
 */
function inUse(draft: DashboardDraft, { widgets, queries }: Contents): Contents {
  const kept = Object.entries(widgets).filter(([id, { version }]) => version !== null || isOn(draft, id));
  const users = [...kept.map(([, { draft: widget }]) => widget), draft.variables];
  const asked = Object.entries(queries).filter(
    ([id, { version }]) => version !== null || mentions(users, new Set([id])),
  );
  return { widgets: Object.fromEntries(kept), queries: Object.fromEntries(asked) };
}

/** Returns what to delete: the dashboard's own widgets that were taken off it, and its queries that nothing uses now. */
function leftOver(before: DashboardDraft, draft: DashboardDraft, contents: Contents, owned: Owned) {
  const moved = (id: string) => contents.widgets[id]?.dashboardID === null;
  const widgets = owned.widgets.filter(({ id }) => isOn(before, id) && !isOn(draft, id) && !moved(id));
  const gone = new Set(widgets.map(({ id }) => id));
  const remaining = [
    ...owned.widgets.filter(({ id }) => !gone.has(id) && !contents.widgets[id]).map(({ config }) => config),
    ...Object.entries(contents.widgets).flatMap(([id, local]) => (gone.has(id) ? [] : [local.draft.config])),
    draft.variables,
  ];
  const earlier = [...owned.widgets.map(({ config }) => config), before.variables];
  const queries = owned.queries.filter(({ id }) => {
    const one = new Set([id]);
    return mentions(earlier, one) && !mentions(remaining, one);
  });
  return { widgets, queries };
}

const versioned = <D extends object>([id, { draft, version, dashboardID }]: [string, LocalRecord<D>]) => ({
  ...draft,
  id,
  dashboardID,
  ...(version === null ? {} : { version }),
});

/** Returns the request that saves a dashboard together with what is unsaved on it. */
export function requestOf(
  draft: DashboardDraft,
  version: number,
  { before, contents, owned }: { before: DashboardDraft; contents: Contents; owned: Owned },
): DashboardContents {
  const used = inUse(draft, contents);
  const gone = leftOver(before, draft, used, owned);
  const goneIDs = new Set([...gone.widgets, ...gone.queries].map(({ id }) => id));
  const kept = <D>(records: Readonly<Record<string, LocalRecord<D>>>) =>
    Object.entries(records).filter(([id]) => !goneIDs.has(id));
  const reference = ({ id, version: known }: { id: string; version: number }) => ({ id, version: known });
  return {
    dashboard: { ...draft, version },
    widgets: kept(used.widgets).map(versioned),
    queries: kept(used.queries).map(versioned),
    deletedWidgets: gone.widgets.map(reference),
    deletedQueries: gone.queries.map(reference),
  } as DashboardContents;
}

/** Whether there is something to save besides the dashboard itself. */
export function hasContents(draft: DashboardDraft, contents: Contents): boolean {
  const { widgets, queries } = inUse(draft, contents);
  return Object.keys(widgets).length + Object.keys(queries).length > 0;
}

/** Moves a widget, and the unsaved queries that it uses, to the library. The server moves its saved queries along. */
export function moveToLibrary(contents: Contents, id: string, widget: LocalWidget): Contents {
  const queries = Object.entries(contents.queries).map(([queryID, query]) => {
    const uses = mentions(widget.draft.config, new Set([queryID]));
    return [queryID, uses ? { ...query, dashboardID: null } : query] as const;
  });
  return {
    widgets: { ...contents.widgets, [id]: { ...widget, dashboardID: null } },
    queries: Object.fromEntries(queries),
  };
}

/** Returns the record that an error path of the request is about: `widgets[1].config` is the second widget sent. */
export function placeOf(
  path: string,
  request: DashboardContents,
): { kind: "widget" | "dataquery"; id: string } | null {
  const found = /^(widgets|queries|deletedWidgets|deletedQueries)\[(\d+)\]/.exec(path);
  const list = found?.[1] as "widgets" | "queries" | "deletedWidgets" | "deletedQueries" | undefined;
  const id = list && request[list]?.[Number(found?.[2])]?.id;
  if (!id) return null;
  return { kind: list.toLowerCase().endsWith("widgets") ? "widget" : "dataquery", id };
}
