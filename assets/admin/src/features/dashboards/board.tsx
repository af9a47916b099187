import { t } from "@lingui/core/macro";
import { useEffect, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import type { Dashboard, JsonObject } from "@/lib/api/model";
import { ErrorPanel } from "@/ui/error-panel";
import { WidgetHostProvider, type WidgetHost } from "@/ui/widget-kinds/host";
import classes from "./dashboards.module.css";
import { useLiveData, type DataSource } from "./live-data";
import { filteredBy, inTheBar, readVariables, writeVariables } from "./variables";
import { VariablesBar } from "./variables-bar";
import { ViewGrid, type ItemMenu } from "./view-grid";

/** What it takes to draw a dashboard. */
export type Drawn = Pick<Dashboard, "items" | "layouts" | "variables" | "refreshSeconds" | "version" | "widgets">;

/** A dashboard at work: its variables in the address, its data live. */
export function useBoard(dashboard: Drawn, source: DataSource, fixed: JsonObject = {}) {
  const [search, setSearch] = useSearchParams();
  const [seconds, setSeconds] = useState(dashboard.refreshSeconds);
  const variables = readVariables(dashboard.variables, search);
  const data = useLiveData(source, dashboard.version, variables, seconds);
  const host = useHost({ ...fixed, ...variables }, (values) => setSearch((old) => writeVariables(old, dashboard.variables, values)), data);
  return { dashboard, variables, data, host, seconds, setSeconds };
}

export type BoardState = ReturnType<typeof useBoard>;

export function Board({ board, menu, empty }: { board: BoardState; menu: ItemMenu; empty: React.ReactNode }) {
  const { dashboard, variables, data, host } = board;
  const widgets = dashboard.widgets ?? [];
  return (
    <>
      <VariablesBar
        variables={inTheBar(dashboard.variables, widgets)}
        values={variables}
        choices={data.choices}
        filtered={filteredBy(dashboard.variables, widgets, variables)}
        onChange={({ name }, value) => host.setVariables?.({ [name]: value })}
      />
      {Boolean(data.error) && (
        <div className={classes.notice}>
          <ErrorPanel error={data.error} title={t`The data could not be read`} onRetry={data.refresh} />
        </div>
      )}
      {dashboard.items.length === 0 ? empty : (
        <WidgetHostProvider value={host}>
          <ViewGrid dashboard={dashboard} data={data} menu={menu} />
        </WidgetHostProvider>
      )}
    </>
  );
}

/** What the widgets on the page may ask of it; the same as long as nothing has changed. */
function useHost(variables: JsonObject, write: (values: JsonObject) => void, { refresh, readPage }: ReturnType<typeof useLiveData>): WidgetHost {
  const known = JSON.stringify(variables);
  const latest = useRef(write);
  useEffect(() => {
    latest.current = write;
  });
  return useMemo(() => ({ variables: JSON.parse(known) as JsonObject, setVariables: (values) => latest.current(values), refresh, readPage, building: false }), [known, refresh, readPage]);
}
