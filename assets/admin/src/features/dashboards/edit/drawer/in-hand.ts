import { t } from "@lingui/core/macro";
import { useState } from "react";
import { givenValues, keptValues, newQueryDraft, queryDraftOf, sqlOf } from "@/domain/query-editor/draft";
import { variableFor } from "@/domain/variables/new-variable";
import { newWidgetDraft, parametersOf, queryIDOf, takesQuery } from "@/domain/widgets/form/config-schema";
import { runningConfig } from "@/domain/widgets/form/generated-fields";
import { useDatasourceTypes, useWidgetTypes } from "@/lib/api/catalog";
import { useCan } from "@/lib/api/me";
import type {
  DashboardVariable,
  DataQuery,
  Datasource,
  DatasourceType,
  JsonObject,
  Widget,
  WidgetDraft,
  WidgetType,
} from "@/lib/api/model";
import { useList, useOne } from "@/lib/api/resources";
import { newID } from "@/lib/api/new-id";
import { isObject } from "@/lib/is-object";
import { isEqual } from "@/lib/schema/merge-patch";
import { variableTemplate } from "@/lib/templates/templates";
import { asWidget, freeName, type Contents, type LocalQuery, type LocalWidget } from "../contents";
import type { DashboardEditor } from "../use-dashboard-editor";
import { tableNameOf } from "./table-name";

/** The widgets that run a query which changes data. */
export type ActionKind = "form" | "button";

type Step = "start" | "table" | "query" | "widget";

interface QueryInHand {
  id: string;
  local: LocalQuery;
}

interface WidgetInHand {
  id: string;
  local: LocalWidget;
}

interface FirstDatasource {
  datasource: Datasource;
  type: DatasourceType;
}

const widgetDraftOf = ({ name, description, type, config }: Widget): WidgetDraft => ({
  name,
  description,
  type,
  config,
});

/**
 * The datasource of a new query: that of the dashboard's other queries, else the one that was changed last. Undefined
 * while it is loading, null without a datasource.
 */
function useFirstDatasource(dashboard: DashboardEditor): FirstDatasource | null | undefined {
  const can = useCan();
  const list = useList("datasource", { sort: "-updatedAt", limit: 50 }, { enabled: can("datasource:list") });
  const used = [
    ...Object.values(dashboard.contents.queries).map(({ draft }) => draft.datasourceID),
    ...dashboard.owned.queries.map(({ datasourceID }) => datasourceID),
  ];
  const types = useDatasourceTypes().data;
  const datasource = list.items?.find(({ id }) => used.includes(id)) ?? list.items?.[0];
  const type = types?.find(({ type: known }) => known === datasource?.type);
  if (list.isLoading || !types) return undefined;
  return datasource && type ? { datasource, type } : null;
}

/** The widget and the query that are in the drawer, and whether the query is saved as it is. */
function useParts(dashboard: DashboardEditor, editing: Widget | null) {
  const { contents } = dashboard;
  const [start, setStart] = useState<WidgetInHand | null>(() => (editing ? inHand(editing, contents) : null));
  const [widget, setWidget] = useState(start);
  const [changed, setChanged] = useState<QueryInHand | null>(null);
  const [begun, setBegun] = useState<QueryInHand | null>(null);
  const queryID = widget && queryIDOf(widget.local.draft.config);
  const unsaved = queryID ? contents.queries[queryID] : undefined;
  const isNewQuery = changed?.id === queryID && changed?.local.version === null;
  const saved = useOne("dataquery", queryID && !unsaved && !isNewQuery ? queryID : undefined).data;
  const isChanged = changed !== null && (!queryID || changed.id === queryID);
  const query = isChanged ? changed : queryID && unsaved ? { id: queryID, local: unsaved } : null;
  const isQueryDirty =
    query !== null && !(saved && saved.id === query.id && isEqual(query.local.draft, queryDraftOf(saved)));
  const isWritten = changed !== null && changed.local.version === null && !isEqual(changed, begun);
  return {
    widget,
    setWidget,
    /** Starts with a widget; null to select one later. */
    beginWidget: (next: WidgetInHand | null) => {
      setStart(next);
      setWidget(next);
    },
    changed,
    setChanged,
    beginQuery: (next: QueryInHand) => {
      setBegun(next);
      setChanged(next);
    },
    /** Whether closing the drawer would lose something. */
    isDirty: !isEqual(widget, start) || isWritten || (isChanged && isQueryDirty && !isNewQuery),
    query,
    saved,
    /** The query of the widget, to start changing it. */
    known: queryID ? queryInHand(queryID, contents, saved) : null,
    isQueryDirty,
    /** Whether the query was changed here. */
    isToKeep: isChanged && isQueryDirty,
  };
}

type Parts = ReturnType<typeof useParts>;

/** What is created or changed in the drawer. */
export function useInHand(dashboard: DashboardEditor, editing: Widget | null) {
  const can = useCan();
  const { base, draft: board } = dashboard.editor;
  const types = useWidgetTypes().data;
  const first = useFirstDatasource(dashboard);
  const [step, go] = useState<Step>(editing ? "widget" : "start");
  const parts = useParts(dashboard, editing);
  const { widget, setWidget, setChanged, query, known, isQueryDirty } = parts;
  const [tried, setTried] = useState<JsonObject>({});
  const [isKindOpen, setKindOpen] = useState(editing === null);
  // The datasources may still be loading when the query is started.
  if (step === "query" && !query && first) parts.beginQuery(newQuery(first, base.id));

  const starts = startsOf(dashboard, parts, types ?? [], go);
  return {
    ...starts,
    write: () => {
      setKindOpen(true);
      starts.write();
    },
    // Selecting a table means showing its rows, so the kind is settled.
    takeTable: (...table: Parameters<typeof starts.takeTable>) => {
      setKindOpen(false);
      starts.takeTable(...table);
    },
    toWidget: (values: JsonObject, kind?: ActionKind) => {
      setTried(values);
      starts.toWidget(values, kind);
    },
    /** The values of the dashboard's filters that the query was tried with. */
    triedFilters: query ? filtersTried(query.local.draft.parameters, tried, board.variables) : {},
    step,
    go,
    isLoading: first === undefined,
    firstDatasourceID: first?.datasource.id,
    widget,
    query,
    isQueryDirty,
    /** The query as it is here, for a widget that runs it. */
    runnable: query && { ...query.local.draft, id: query.id, changesData: true },
    isKindOpen,
    settleKind: () => setKindOpen(false),
    isDirty: parts.isDirty,
    mayEditQuery: query !== null || (known !== null && can("dataquery:update")),
    editQuery: () => {
      if (!query && known) setChanged(known);
      go("query");
    },
    changeQuery: (change: Partial<LocalQuery["draft"]>) =>
      setChanged((old) => withDraft(old ?? query, change)),
    changeWidget: (change: Partial<WidgetDraft>) => setWidget((old) => withDraft(old, change)),
    addFilter: (name: string) =>
      dashboard.change({ ...board, variables: [...board.variables, filterFor(name, parts)] }),
    /** Hands everything over to the dashboard's draft. */
    apply: () => {
      if (!widget) return;
      const next = handedOver(dashboard, parts, types ?? []);
      if (editing) dashboard.steps.change({ draft: board, contents: next });
      else dashboard.add(asWidget(widget.id, widget.local), next);
    },
  };
}

/** Returns the functions that start a widget of a known kind, or one with a query. */
function beginningsOf(
  dashboard: DashboardEditor,
  { beginWidget }: Parts,
  types: readonly WidgetType[],
  go: (step: Step) => void,
) {
  const { base, draft: board } = dashboard.editor;
  const begin = (type: WidgetType, config: JsonObject, wanted: string) => {
    const name = freeName(
      wanted,
      [...dashboard.widgets.values()].map((one) => one.name),
    );
    const draft = { ...newWidgetDraft(type, config), name };
    beginWidget({ id: newID(), local: { draft, version: null, dashboardID: base.id } });
  };
  /** Starts an action with a query that changes data: its result is not shown. */
  const beginAction = (kind: ActionKind, id: string, query: Pick<DataQuery, "parameters">, name: string) => {
    const type = types.find((known) => known.type === kind);
    const { parameters } = query;
    if (type) begin(type, runningConfig(kind, id, { name, parameters, changesData: true }), name);
    go("widget");
  };
  const parametersFor = ({ parameters }: Pick<DataQuery, "parameters">, tried: JsonObject) => ({
    ...keptValues(parameters, tried),
    ...mapped(parameters, board.variables),
  });
  const beginFor = (
    id: string,
    query: Pick<DataQuery, "parameters">,
    name: string,
    tried: JsonObject = {},
  ) => {
    const table = types.find(({ type }) => type === "table");
    if (table) begin(table, { queryID: id, parameters: parametersFor(query, tried) }, name);
    go("widget");
  };
  return { begin, beginAction, beginFor, parametersFor };
}

/** Returns what the steps of the drawer offer to start with. */
function startsOf(
  dashboard: DashboardEditor,
  parts: Parts,
  types: readonly WidgetType[],
  go: (step: Step) => void,
) {
  const { widget, beginWidget, setWidget, changed, setChanged, beginQuery } = parts;
  const { base } = dashboard.editor;
  const { begin, beginAction, beginFor, parametersFor } = beginningsOf(dashboard, parts, types, go);
  return {
    /** Starts a new query. */
    write: () => {
      beginWidget(null);
      if (changed?.local.version !== null) setChanged(null);
      go("query");
    },
    /** Starts a widget with the rows of a table. */
    takeTable: (datasourceID: string, type: DatasourceType, sql: string) => {
      const draft = newQueryDraft(datasourceID, type);
      const local = { ...draft, options: { ...draft.options, sql } };
      const id = newID();
      beginQuery({ id, local: { draft: local, version: null, dashboardID: base.id } });
      beginFor(id, local, tableNameOf(sql) ?? t`Untitled`);
    },
    /** Starts a widget of a saved query. */
    takeQuery: (chosen: DataQuery) => {
      setChanged(null);
      beginFor(chosen.id, chosen, chosen.name);
    },
    takeType: (type: WidgetType) => {
      setChanged(null);
      begin(type, {}, type.name);
      go("widget");
    },
    /** Continues from the query to its widget; to an action if the query changes data. */
    toWidget: (tried: JsonObject, kind?: ActionKind) => {
      if (!changed) return go("widget");
      const { draft } = changed.local;
      if (widget) {
        // What was selected for the new widget stays; parameters that were added since get their values.
        if (widget.local.version === null && takesRows(widget, types))
          setWidget(withParameters(widget, parametersFor(draft, tried)));
        return go("widget");
      }
      const name = tableNameOf(sqlOf(draft)) ?? t`Untitled`;
      if (kind) beginAction(kind, changed.id, draft, name);
      else beginFor(changed.id, draft, name, tried);
    },
  };
}

function withDraft<H extends { local: { draft: object } }>(hand: H | null, change: object): H | null {
  return hand && { ...hand, local: { ...hand.local, draft: { ...hand.local.draft, ...change } } };
}

function filterFor(name: string, { widget, query, saved }: Parts) {
  const queries = new Map(query ? [[query.id, query.local.draft]] : saved ? [[saved.id, saved]] : []);
  return variableFor(name, widget ? [widget.local.draft] : [], queries);
}

/** Returns what is unsaved on the dashboard, with the widget and the query of the drawer. */
function handedOver(dashboard: DashboardEditor, parts: Parts, types: readonly WidgetType[]): Contents {
  const { widget, query, isToKeep } = parts;
  const { widgets, queries } = dashboard.contents;
  if (!widget) return dashboard.contents;
  const type = types.find((one) => one.type === widget.local.draft.type);
  const keeps = query && isToKeep && type && (takesQuery(type) || runs(widget.local.draft.config, query.id));
  return {
    widgets: { ...widgets, [widget.id]: widget.local },
    queries: keeps
      ? { ...queries, [query.id]: named(query.local, widget.local.draft.name, dashboard) }
      : queries,
  };
}

const takesRows = ({ local }: WidgetInHand, types: readonly WidgetType[]): boolean =>
  types.some((one) => one.type === local.draft.type && takesQuery(one));

function withParameters(widget: WidgetInHand, parameters: JsonObject): WidgetInHand {
  const { config } = widget.local.draft;
  const next = { ...config, parameters: { ...parameters, ...parametersOf(config) } };
  return withDraft(widget, { config: next }) ?? widget;
}

/** Whether the action of a widget runs a query. */
const runs = ({ action }: JsonObject, id: string) => isObject(action) && action["queryID"] === id;

const newQuery = (first: FirstDatasource, dashboardID: string): QueryInHand => ({
  id: newID(),
  local: { draft: newQueryDraft(first.datasource.id, first.type), version: null, dashboardID },
});

/** Returns a query with a name: a new one is named after its widget. */
function named(query: LocalQuery, wanted: string, { owned, contents }: DashboardEditor): LocalQuery {
  if (query.draft.name) return query;
  const taken = [
    ...owned.queries.map(({ name }) => name),
    ...Object.values(contents.queries).map(({ draft }) => draft.name),
  ];
  return { ...query, draft: { ...query.draft, name: freeName(wanted, taken) } };
}

/** Passes the dashboard's variables to the parameters of the same names. */
function mapped(parameters: DataQuery["parameters"], variables: readonly { name: string }[]): JsonObject {
  const known = parameters.filter(({ name }) => variables.some((variable) => variable.name === name));
  return Object.fromEntries(known.map(({ name }) => [name, variableTemplate(name)]));
}

/** Returns the tried values of the parameters that are named like a filter. A range is not the value of a parameter. */
function filtersTried(
  parameters: DataQuery["parameters"],
  tried: JsonObject,
  variables: readonly DashboardVariable[],
): JsonObject {
  const known = variables.filter(({ type }) => type !== "dateRange" && type !== "timeRange");
  return givenValues(
    parameters.filter(({ name }) => known.some((variable) => variable.name === name)),
    tried,
  );
}

function inHand(widget: Widget, contents: Contents): WidgetInHand {
  const local = contents.widgets[widget.id];
  const { id, version, dashboardID } = widget;
  return { id, local: local ?? { draft: widgetDraftOf(widget), version, dashboardID: dashboardID ?? null } };
}

function queryInHand(id: string, contents: Contents, saved: DataQuery | undefined): QueryInHand | null {
  const local = contents.queries[id];
  if (local) return { id, local };
  if (saved?.id !== id) return null;
  return {
    id,
    local: { draft: queryDraftOf(saved), version: saved.version, dashboardID: saved.dashboardID ?? null },
  };
}
