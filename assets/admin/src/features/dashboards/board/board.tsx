import { t } from "@lingui/core/macro";
import { Tabs } from "@mantine/core";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { WidgetHostProvider, type WidgetHost } from "@/domain/widgets/kinds/host";
import type { Dashboard, JsonObject } from "@/lib/api/model";
import { useStable } from "@/lib/stable";
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
  writeVariables,
} from "../variables/variables";
import { VariablesBar } from "../variables/variables-bar";
import { useLiveData, type DataSource } from "./live-data";
import { itemsOn, TAB, tabOf, writeTab } from "./tabs";
import { ViewGrid, type ItemMenu } from "./view-grid";

/** What is required to render a dashboard. */
export type Drawn = Pick<
  Dashboard,
  "tabs" | "items" | "layouts" | "variables" | "refreshSeconds" | "version" | "widgets"
>;

/** The state of an open dashboard: its variables in the URL, its data live. */
export function useBoard(dashboard: Drawn, source: DataSource, fixed: JsonObject = {}) {
  const [search, setSearch] = useSearchParams();
  const [seconds, setSeconds] = useState(dashboard.refreshSeconds);
  const variables = readVariables(dashboard.variables, search);
  const nothing = chosenNothing(dashboard.variables, search);
  const resolved = resolveVariables(dashboard.variables, variables);
  const tab = tabOf(dashboard.tabs, search.get(TAB));
  const data = useLiveData(source, dashboard.version, askedVariables(resolved, nothing), seconds, tab);
  const host = useHost(
    { ...fixed, ...resolved },
    (values) => {
      const refused = dashboard.variables.find((one) => values[one.name] === null && !mayBeNothing(one));
      if (refused)
        notify.warn(
          t`${labelOfVariable(refused)} requires a value, so entries without one cannot be selected.`,
        );
      setSearch((old) => writeVariables(old, dashboard.variables, values));
    },
    data,
    useActs(source, askedVariables(resolved, nothing)),
  );
  const openTab = (key: string) => setSearch((old) => writeTab(old, dashboard.tabs, key));
  return { dashboard, variables, nothing, tab, openTab, data, host, seconds, setSeconds };
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
  const { dashboard, variables, nothing, tab, data, host } = board;
  const items = useMemo(() => itemsOn(dashboard.items, tab), [dashboard.items, tab]);
  const widgets = useMemo(() => {
    const shown = new Set(items.map(({ widgetID }) => widgetID));
    return (dashboard.widgets ?? []).filter(({ id }) => shown.has(id));
  }, [dashboard.widgets, items]);
  return (
    <>
      <VariablesBar
        variables={inTheBar(dashboard.variables, widgets)}
        values={variables}
        data={data}
        filtered={filteredBy(dashboard.variables, widgets, variables, nothing)}
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
        </WidgetHostProvider>
      )}
    </>
  );
}

/** What the widgets may ask of the page; stable as long as nothing has changed. */
function useHost(
  variables: JsonObject,
  write: (values: JsonObject) => void,
  { refresh, readPage }: ReturnType<typeof useLiveData>,
  act: WidgetHost["act"],
): WidgetHost {
  const known = useStable(variables);
  const latest = useRef(write);
  const setVariables = useCallback((values: JsonObject) => latest.current(values), []);
  useEffect(() => {
    latest.current = write;
  });
  return useMemo(
    () => ({
      variables: known,
      setVariables,
      refresh,
      readPage,
      act,
      building: false,
    }),
    [known, setVariables, refresh, readPage, act],
  );
}

/** Runs actions with the present variables. Null if readers only look. */
function useActs({ act }: DataSource, variables: JsonObject): WidgetHost["act"] {
  const latest = useRef({ act, variables });
  useEffect(() => {
    latest.current = { act, variables };
  });
  const run = useCallback<NonNullable<WidgetHost["act"]>>((item, ask) => {
    const { act: send, variables: present } = latest.current;
    return send
      ? send({ ...ask, item, variables: present })
      : Promise.reject(new Error(t`Nothing can be run here.`));
  }, []);
  return act ? run : null;
}
