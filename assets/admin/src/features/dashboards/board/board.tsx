import { t } from "@lingui/core/macro";
import { Tabs } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { WidgetHostProvider, type WidgetHost } from "@/domain/widgets/kinds/host";
import { useUserScope } from "@/domain/widgets/kinds/actions/unresolved";
import type { Dashboard, JsonObject, Widget } from "@/lib/api/model";
import { todayIn } from "@/lib/format/dates/date-ranges";
import { isZone } from "@/lib/format/dates/moments";
import { useLatest, useStable } from "@/lib/stable";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { notify } from "@/ui/feedback/notify";
import classes from "../dashboards.module.css";
import {
  askedVariables,
  chosenNothing,
  filteredBy,
  inTheBar,
  labelOfVariable,
  mayBeNothing,
  readVariables,
  resolveVariables,
  selectedVariables,
  withRelativeTimes,
  writeVariables,
} from "@/domain/variables/variables";
import { VariablesBar } from "@/domain/variables/variables-bar";
import { ItemDrawer } from "./item-drawer";
import { formFor, showOnPhone } from "./follow-selection";
import { useLiveData, type DataSource } from "./live-data";
import { setterIn } from "./setters";
import { shownItems } from "./shown-items";
import { itemsOn, TAB, tabOf, writeTab } from "./layout/tabs";
import { useOpenings } from "./use-openings";
import { useProtection } from "./use-protection";
import { ViewGrid, type ItemMenu } from "./view-grid";

/** What is required to render a dashboard. */
export type Drawn = Pick<
  Dashboard,
  "tabs" | "items" | "layouts" | "variables" | "refreshSeconds" | "timeZone" | "version" | "widgets"
>;

const none: Widget[] = [];

/** The state of an open dashboard: its variables in the URL, its data live. */
export function useBoard(dashboard: Drawn, source: DataSource, fixed: JsonObject = {}) {
  const [search, setSearch] = useSearchParams();
  const [seconds, setSeconds] = useState(dashboard.refreshSeconds);
  const variables = readVariables(dashboard.variables, search);
  const nothing = chosenNothing(dashboard.variables, search);
  const zone = isZone(dashboard.timeZone) ? dashboard.timeZone : undefined;
  const resolved = resolveVariables(dashboard.variables, variables, todayIn(zone), zone);
  const tab = tabOf(dashboard.tabs, search.get(TAB));
  const asked = askedVariables(withRelativeTimes(dashboard.variables, variables, resolved), nothing);
  const data = useLiveData(source, dashboard.version, asked, seconds, tab);
  const openTab = (key: string) => setSearch((old) => writeTab(old, dashboard.tabs, key));
  const openings = useOpenings(dashboard, openTab);
  /** The variables that a search has. */
  const variablesOf = (next: URLSearchParams): JsonObject => ({
    ...fixed,
    ...resolveVariables(dashboard.variables, readVariables(dashboard.variables, next), todayIn(zone), zone),
  });
  const { protect, question } = useProtection(dashboard, (values) =>
    variablesOf(writeVariables(new URLSearchParams(search), dashboard.variables, values)),
  );
  const host = useHost(
    dashboard,
    { ...fixed, ...resolved },
    (values) => {
      const refused = dashboard.variables.find((one) => values[one.name] === null && !mayBeNothing(one));
      if (refused)
        notify.warn(
          t`${labelOfVariable(refused)} requires a value, so entries without one cannot be selected.`,
        );
      protect(values, () => {
        setSearch((old) => writeVariables(old, dashboard.variables, values));
        const form = formFor(values, itemsOn(dashboard.items, tab), dashboard.widgets ?? none);
        if (form) showOnPhone(form);
      });
    },
    data,
    {
      protect,
      act: useAsk(source.act, asked),
      choices: useAsk(source.choices, asked),
      change: useAsk(source.change, asked),
      open: openings.open,
      timeZone: zone,
    },
  );
  useLaterPages(data.at);
  return {
    dashboard,
    variables,
    resolved: { ...fixed, ...resolved },
    nothing,
    tab,
    openTab,
    data,
    host,
    openings,
    seconds,
    setSeconds,
    variablesOf,
    question,
  };
}

type BoardState = ReturnType<typeof useBoard>;

interface BoardProps {
  board: BoardState;
  menu: ItemMenu;
  empty: React.ReactNode;
}

export function Board(props: BoardProps) {
  const { dashboard, tab, openTab } = props.board;
  const list = useRef<HTMLDivElement>(null);
  // Keeps the open tab visible where there is no room for all tabs.
  useEffect(() => {
    const open = list.current?.querySelector<HTMLElement>("[data-active]");
    if (list.current && open)
      list.current.scrollLeft = open.offsetLeft - (list.current.clientWidth - open.offsetWidth) / 2;
  }, [tab]);
  if (tab === null) return <Page {...props} />;
  return (
    <Tabs value={tab} onChange={(key) => key !== null && openTab(key)} keepMounted={false}>
      <Tabs.List
        ref={list}
        aria-label={t`Dashboard tabs`}
        className={classes.tabs}
        data-alone={dashboard.tabs.length === 1 || undefined}
      >
        {dashboard.tabs.map(({ key, title }) => (
          <Tabs.Tab key={key} value={key}>
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {dashboard.tabs.map(({ key, title }) => (
        <Tabs.Panel key={key} value={key}>
          <h2 className={classes.printedTab}>{title}</h2>
          <Page {...props} />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

/** The items of one tab, or of a dashboard without tabs. */
function Page({ board, menu, empty }: BoardProps) {
  const { dashboard, variables, resolved, nothing, tab, data, host, openings } = board;
  const all = dashboard.widgets ?? none;
  const user = useUserScope();
  const scope = useStable({ vars: resolved, user });
  const items = useMemo(
    () => shownItems(itemsOn(dashboard.items, tab), all, scope),
    [dashboard.items, tab, all, scope],
  );
  const widgets = useMemo(() => {
    const shown = new Set(items.map(({ widgetID }) => widgetID));
    return all.filter(({ id }) => shown.has(id));
  }, [all, items]);
  return (
    <>
      <VariablesBar
        variables={inTheBar(dashboard.variables, widgets)}
        values={variables}
        data={data}
        filtered={filteredBy(dashboard.variables, widgets, variables, nothing)}
        zone={isZone(dashboard.timeZone) ? dashboard.timeZone : undefined}
        onChange={({ name }, value) => host.setVariables?.({ [name]: value })}
      />
      {Boolean(data.error) && (
        <div className={classes.notice}>
          <ErrorPanel error={data.error} title={t`Could not load the data`} onRetry={data.refresh} />
        </div>
      )}
      {items.length === 0 ? (
        empty
      ) : (
        <WidgetHostProvider value={host}>
          <ViewGrid items={items} layouts={dashboard.layouts} widgets={widgets} data={data} menu={menu} />
          <ItemDrawer
            opened={openings.opened}
            items={dashboard.items}
            widgets={all}
            data={data}
            onClose={openings.close}
          />
        </WidgetHostProvider>
      )}
      {board.question}
    </>
  );
}

/** Returns a function that reloads the later pages of tables and the choices of forms. */
function useReloadParts(): () => void {
  const client = useQueryClient();
  return useCallback(() => void client.invalidateQueries({ queryKey: ["widget-part"] }), [client]);
}

/** Reloads the later pages of tables and the choices of forms whenever the data of the dashboard was reloaded. */
function useLaterPages(at: string | null) {
  const reload = useReloadParts();
  useEffect(() => {
    if (at !== null) reload();
  }, [reload, at]);
}

/** What the widgets may ask of the page; stable as long as nothing has changed. */
function useHost(
  { items, variables: declared, widgets }: Drawn,
  variables: JsonObject,
  write: (values: JsonObject) => void,
  { refresh, refreshItem, readPage }: ReturnType<typeof useLiveData>,
  {
    act,
    choices,
    change,
    open,
    protect,
    timeZone,
  }: Pick<WidgetHost, "act" | "choices" | "change" | "open" | "protect" | "timeZone">,
): WidgetHost {
  const known = useStable(variables);
  const reloadParts = useReloadParts();
  const latest = useLatest(write);
  const setVariables = useCallback((values: JsonObject) => latest.current(values), [latest]);
  const about = useMemo(
    () => ({
      refreshWidgets: (ids: readonly string[]) => {
        const stale = items.filter(({ widgetID }) => ids.includes(widgetID));
        for (const { key } of stale) refreshItem(key).catch((error: unknown) => notify.failed(error));
        reloadParts();
      },
      clearSelection: () =>
        setVariables(
          Object.fromEntries([...selectedVariables(widgets ?? [])].map((name) => [name, undefined])),
        ),
      widgetOf: (widgetID: string) => widgets?.find((one) => one.id === widgetID),
      itemOf: (widgetID: string) => items.find((one) => one.widgetID === widgetID)?.key,
      setterOf: (name: string) => setterIn(name, declared, items, widgets ?? []),
    }),
    [items, declared, widgets, refreshItem, reloadParts, setVariables],
  );
  return useMemo(
    () => ({
      variables: known,
      setVariables,
      refresh,
      readPage,
      choices,
      act,
      change,
      building: false,
      open,
      protect,
      timeZone,
      ...about,
    }),
    [known, setVariables, refresh, readPage, choices, act, change, open, protect, timeZone, about],
  );
}

/** Sends what a widget asks for, with its item and the present variables. Null if the source does not offer it. */
function useAsk<A extends { item: string; variables?: JsonObject }, R>(
  send: ((ask: A, signal?: AbortSignal) => Promise<R>) | undefined,
  variables: JsonObject,
) {
  const latest = useLatest({ send, variables });
  type Asked = Omit<A, "item" | "variables">;
  const ask = useCallback(
    (item: string, asked: Asked, signal?: AbortSignal): Promise<R> => {
      const { send, variables } = latest.current;
      if (!send) return Promise.reject(new Error(t`Nothing can be run here.`));
      return send({ ...asked, item, variables } as A, signal);
    },
    [latest],
  );
  return send ? ask : null;
}
