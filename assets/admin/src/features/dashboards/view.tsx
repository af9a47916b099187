import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Skeleton, Stack, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconLayoutDashboard, IconMaximize, IconMinimize, IconPencil, IconShare } from "@tabler/icons-react";
import { Link, useParams } from "react-router";
import { FavoriteButton } from "@/domain/records/favorites";
import { api, url } from "@/lib/api/client";
import { isApiError } from "@/lib/api/errors";
import { useCan } from "@/lib/api/me";
import type { Dashboard } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { useTenantID, useTenantLink } from "@/lib/tenant";
import { EmptyState } from "@/ui/feedback/empty-state";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PageHeader } from "@/ui/page/page-header";
import { NotFound } from "@/ui/page/plain-page";
import { Time } from "@/ui/text/time";
import { Board, useBoard } from "./board/board";
import { DashboardMenu } from "./dashboard-menu";
import classes from "./dashboards.module.css";
import { useFullScreen } from "./board/full-screen";
import { ItemActions } from "./board/item-actions";
import { RefreshControl } from "./board/refresh-control";
import { ShareDialog } from "./share/share-dialog";
import { writeTab } from "./board/tabs";
import type { ItemMenu } from "./board/view-grid";

const itemMenu: ItemMenu = (item) => <ItemActions {...item} />;

export function ViewDashboard() {
  const { dashboardID } = useParams();
  const dashboard = useOne("dashboard", dashboardID);
  if (isApiError(dashboard.error, "NOT_FOUND")) return <NotFound />;
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
  return <View key={dashboard.data.id} dashboard={dashboard.data} />;
}

function View({ dashboard }: { dashboard: Dashboard }) {
  const link = useTenantLink();
  const tenantID = useTenantID();
  const can = useCan();
  const path = { tenantID, dashboardID: dashboard.id };
  const board = useBoard(dashboard, {
    path: url("/api/v1/tenants/{tenantID}/dashboards/{dashboardID}/data", path),
    act: (body) => api.post("/api/v1/tenants/{tenantID}/dashboards/{dashboardID}/actions", { path, body }),
  });
  const { data, seconds, setSeconds } = board;
  const [sharing, share] = useDisclosure();
  const { full, enter, leave } = useFullScreen();
  const FullIcon = full ? IconMinimize : IconMaximize;
  const fullLabel = full ? t`Exit full screen` : t`Full screen`;
  const edit = can("dashboard:update") && (
    <Button
      component={Link}
      to={{
        pathname: link("dashboards", dashboard.id, "edit"),
        search:
          board.tab === null ? "" : writeTab(new URLSearchParams(), dashboard.tabs, board.tab).toString(),
      }}
      leftSection={<IconPencil size={16} />}
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
          data.at && (
            <span>
              <Trans>
                Updated <Time value={data.at} />
              </Trans>
            </span>
          )
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
            {!full && can("dashboard:share") && (
              <Button
                variant="default"
                leftSection={<IconShare size={16} />}
                aria-haspopup="dialog"
                onClick={share.open}
              >
                <Trans>Share</Trans>
              </Button>
            )}
            {!full && edit}
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
            action={edit}
          />
        }
      />
      {sharing && <ShareDialog dashboard={dashboard} values={board.variables} onClose={share.close} />}
    </div>
  );
}
