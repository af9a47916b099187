import { ActionIcon, Button, Skeleton, Stack, Tooltip } from "@mantine/core";
import { IconLayoutDashboard, IconMaximize, IconMinimize, IconPencil } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { isApiError } from "@/lib/api/errors";
import { useCan } from "@/lib/api/me";
import type { Dashboard, JsonObject } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { EmptyState } from "@/ui/empty-state";
import { ErrorPanel } from "@/ui/error-panel";
import { PageHeader } from "@/ui/page-header";
import { NotFound } from "@/ui/plain-page";
import { Time } from "@/ui/time";
import { WidgetHostProvider, type WidgetHost } from "@/ui/widget-kinds/host";
import { DashboardMenu } from "./dashboard-menu";
import classes from "./dashboards.module.css";
import { useFullScreen } from "./full-screen";
import { useLiveData } from "./live-data";
import { RefreshControl } from "./refresh-control";
import { inTheBar, readVariables, writeVariables } from "./variables";
import { VariablesBar } from "./variables-bar";
import { ViewGrid } from "./view-grid";

export function ViewDashboard() {
  const { dashboardID } = useParams();
  const dashboard = useOne("dashboard", dashboardID);
  if (isApiError(dashboard.error, "NOT_FOUND")) return <NotFound />;
  if (dashboard.error && !dashboard.data) return <ErrorPanel page error={dashboard.error} onRetry={() => void dashboard.refetch()} />;
  if (!dashboard.data?.widgets) {
    return (
      <Stack p="xl" aria-busy>
        <Skeleton h={28} w={220} />
        <Skeleton h={110} />
        <Skeleton h={280} />
      </Stack>
    );
  }
  return <View key={dashboard.data.id} dashboard={dashboard.data} />;
}

function View({ dashboard }: { dashboard: Dashboard }) {
  const link = useTenantLink();
  const can = useCan();
  const [search, setSearch] = useSearchParams();
  const [seconds, setSeconds] = useState(dashboard.refreshSeconds);
  const variables = readVariables(dashboard.variables, search);
  const data = useLiveData(dashboard.id, dashboard.version, variables, seconds);
  const host = useHost(variables, (values) => setSearch((old) => writeVariables(old, dashboard.variables, values), { replace: true }), data);
  const { full, enter, leave } = useFullScreen();
  const FullIcon = full ? IconMinimize : IconMaximize;
  const fullLabel = full ? "Leave full screen" : "Full screen";
  const edit = can("dashboard:update") && (
    <Button component={Link} to={link("dashboards", dashboard.id, "edit")} leftSection={<IconPencil size={16} />}>
      Edit
    </Button>
  );

  return (
    <div className={classes.page} data-full={full || undefined}>
      <PageHeader
        title={dashboard.name}
        breadcrumb={full ? [] : [{ label: "Dashboards", to: link("dashboards") }]}
        state={data.at && <span>Updated <Time value={data.at} /></span>}
        actions={
          <>
            <RefreshControl seconds={seconds} loading={data.loading} onRefresh={data.refresh} onSeconds={setSeconds} />
            <Tooltip label={fullLabel}>
              <ActionIcon size={32} aria-label={fullLabel} onClick={full ? leave : enter}>
                <FullIcon size={16} />
              </ActionIcon>
            </Tooltip>
            {!full && <DashboardMenu dashboard={dashboard} />}
            {!full && edit}
          </>
        }
      />
      <VariablesBar variables={inTheBar(dashboard.variables, dashboard.widgets ?? [])} values={variables} onChange={({ name }, value) => host.setVariables?.({ [name]: value })} />
      {Boolean(data.error) && (
        <div className={classes.notice}>
          <ErrorPanel error={data.error} title="The data could not be read" onRetry={data.refresh} />
        </div>
      )}
      {dashboard.items.length === 0 ? <EmptyState icon={IconLayoutDashboard} title="Nothing is on this dashboard yet" text="Put widgets on it, in the order people read them." action={edit} /> : (
        <WidgetHostProvider value={host}>
          <ViewGrid dashboard={dashboard} data={data} />
        </WidgetHostProvider>
      )}
    </div>
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
