import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Skeleton, Stack, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconLayoutDashboard, IconMaximize, IconMinimize, IconPencil, IconShare } from "@tabler/icons-react";
import { useEffect } from "react";
import { Link, useParams } from "react-router";
import { AppFromTable } from "@/domain/table-app/app-from-table";
import { FavoriteButton } from "@/domain/records/favorites";
import { OnDashboard } from "@/domain/records/on-dashboard";
import {
  forgetForms,
  formsLostBy,
  hasUnsentForms,
  useUnsentForms,
} from "@/domain/widgets/kinds/actions/form/form-drafts";
import {
  forgetRows,
  hasUnsavedRows,
  useUnsavedRows,
} from "@/domain/widgets/kinds/data/grid/draft/draft-store";
import { api, url } from "@/lib/api/client";
import { isNowhere } from "@/lib/api/errors";
import { useCan } from "@/lib/api/me";
import type { Dashboard, JsonObject } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { useTenantID, useTenantLink } from "@/lib/tenant";
import { EmptyState } from "@/ui/feedback/empty-state";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PageHeader } from "@/ui/page/page-header";
import { NotFound } from "@/ui/page/plain-page";
import { UnsavedGuard } from "@/ui/page/unsaved-guard";
import { Time } from "@/ui/text/time";
import { Board, useBoard } from "./board/board";
import { DashboardMenu } from "./dashboard-menu";
import classes from "./dashboards.module.css";
import { useFullScreen } from "./board/full-screen";
import { ItemActions } from "./board/item-actions";
import { RefreshControl } from "./board/refresh-control";
import { ShareDialog } from "./share/share-dialog";
import { shareTabs } from "./share/share-tabs";
import { SharedMark } from "./share/shared-mark";
import { RestrictedMark } from "./access/restricted-mark";
import { writeTab } from "./board/layout/tabs";
import type { ItemMenu } from "./board/view-grid";
import phone from "./view.module.css";

/** Buttons that show only their icon on phones. */
const shrinking = { root: phone.shrinking ?? "", label: phone.shrinkingLabel ?? "" };

const itemMenu: ItemMenu = (item) => <ItemActions {...item} />;

export function ViewDashboard() {
  const { dashboardID } = useParams();
  const dashboard = useOne("dashboard", dashboardID);
  if (isNowhere(dashboard.error)) return <NotFound />;
  if (dashboard.error && !dashboard.data)
    return <ErrorPanel page error={dashboard.error} onRetry={() => void dashboard.refetch()} />;
  if (!dashboard.data?.widgets) {
    return (
      <Stack p="xl" aria-busy>
        <Skeleton h={28} w={220} />
        <Skeleton h={110} />
        <Skeleton h={280} />
      </Stack>
    );
  }
  return (
    <OnDashboard key={dashboard.data.id} id={dashboard.data.id}>
      <View dashboard={dashboard.data} />
    </OnDashboard>
  );
}

/** The routes of a dashboard for members. */
function sourceOf(tenantID: string, dashboardID: string): Parameters<typeof useBoard>[1] {
  const path = { tenantID, dashboardID };
  return {
    path: url("/api/v1/tenants/{tenantID}/dashboards/{dashboardID}/data", path),
    act: (body) => api.post("/api/v1/tenants/{tenantID}/dashboards/{dashboardID}/actions", { path, body }),
    choices: (body, signal) =>
      api.post("/api/v1/tenants/{tenantID}/dashboards/{dashboardID}/choices", {
        path,
        body,
        ...(signal && { signal }),
      }),
    change: (body) => api.post("/api/v1/tenants/{tenantID}/dashboards/{dashboardID}/changes", { path, body }),
  };
}

function View({ dashboard }: { dashboard: Dashboard }) {
  const link = useTenantLink();
  const tenantID = useTenantID();
  const can = useCan();
  const board = useBoard(dashboard, sourceOf(tenantID, dashboard.id));
  const { data, seconds, setSeconds } = board;
  const [sharing, share] = useDisclosure();
  const ways = shareTabs(can);
  const { full, enter, leave } = useFullScreen();
  const FullIcon = full ? IconMinimize : IconMaximize;
  const fullLabel = full ? t`Exit full screen` : t`Full screen`;
  const edit = (classNames = {}) =>
    can("dashboard:update") && (
      <Button
        component={Link}
        to={{
          pathname: link("dashboards", dashboard.id, "edit"),
          search:
            board.tab === null ? "" : writeTab(new URLSearchParams(), dashboard.tabs, board.tab).toString(),
        }}
        leftSection={<IconPencil size={16} />}
        classNames={classNames}
      >
        <Trans>Edit</Trans>
      </Button>
    );

  return (
    <div className={classes.page} data-full={full || undefined}>
      <PageHeader
        title={dashboard.name}
        breadcrumb={full ? [] : [{ label: t`Dashboards`, to: link("dashboards") }]}
        state={
          <Group gap="sm" wrap="nowrap">
            {data.at && (
              <span>
                <Trans>
                  Updated <Time value={data.at} />
                </Trans>
              </span>
            )}
            <RestrictedMark dashboardID={dashboard.id} />
            {can("dashboard:share") && <SharedMark dashboardID={dashboard.id} />}
          </Group>
        }
        actions={
          <>
            <RefreshControl
              seconds={seconds}
              loading={data.loading}
              onRefresh={data.refresh}
              onSeconds={setSeconds}
            />
            <Tooltip label={fullLabel}>
              <ActionIcon size={32} aria-label={fullLabel} onClick={full ? leave : enter}>
                <FullIcon size={16} />
              </ActionIcon>
            </Tooltip>
            {!full && <FavoriteButton id={dashboard.id} name={dashboard.name} />}
            {!full && <DashboardMenu dashboard={dashboard} />}
            {!full && ways.length > 0 && (
              <Button
                variant="default"
                leftSection={<IconShare size={16} />}
                classNames={shrinking}
                aria-haspopup="dialog"
                onClick={share.open}
              >
                <Trans>Share</Trans>
              </Button>
            )}
            {!full && edit(shrinking)}
          </>
        }
      />
      <Board
        board={board}
        menu={itemMenu}
        empty={
          <EmptyState
            icon={IconLayoutDashboard}
            title={t`This dashboard is empty`}
            text={t`Add widgets to show data.`}
            action={
              <Group gap="sm" justify="center">
                <AppFromTable variant="default" />
                {edit()}
              </Group>
            }
          />
        }
      />
      <InputGuard variablesOf={board.variablesOf} />
      {sharing && (
        <ShareDialog dashboard={dashboard} tabs={ways} values={board.variables} onClose={share.close} />
      )}
    </div>
  );
}

/** Asks before what was entered in the widgets is lost. */
function InputGuard({ variablesOf }: { variablesOf: (search: URLSearchParams) => JsonObject }) {
  const isDirty = [useUnsavedRows(), useUnsentForms()].includes(true);
  useEffect(
    () => () => {
      forgetRows();
      forgetForms();
    },
    [],
  );
  const formsLostAt = ({ search }: { search: string }) =>
    formsLostBy(variablesOf(new URLSearchParams(search)));
  return (
    <UnsavedGuard
      dirty={isDirty}
      // Back and Forward lead to other values of the variables, and so to other rows in forms.
      loses={(next, current) =>
        next.pathname === current.pathname
          ? formsLostAt(next).length > 0
          : hasUnsavedRows() || hasUnsentForms()
      }
      onLeave={(next) => forgetForms(formsLostAt(next))}
    />
  );
}
