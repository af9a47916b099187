import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconLayoutDashboard } from "@tabler/icons-react";
import { useEffect, useMemo } from "react";
import { useParams } from "react-router";
import { url } from "@/lib/api/client";
import { isApiError } from "@/lib/api/errors";
import type { SharedDashboard, Widget } from "@/lib/api/model";
import { useSharedDashboard } from "@/lib/api/subjects/shares";
import { isZone } from "@/lib/format/dates/moments";
import { placeholderFor } from "@/lib/templates/placeholders";
import { OutsideTenants } from "@/lib/tenant";
import { EmptyState } from "@/ui/feedback/empty-state";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PlainPage } from "@/ui/page/plain-page";
import { Time } from "@/ui/text/time";
import { Board, useBoard, type Drawn } from "../board/board";
import { TakeAlong } from "../board/item-actions";
import classes from "../dashboards.module.css";
import type { ItemMenu } from "../board/view-grid";
import { LockedFilters } from "./locked-filters";

const itemMenu: ItemMenu = (item) => <TakeAlong {...item} />;

/** Shows a dashboard to people with its share link, without the app around it. */
export function SharedView() {
  const { token = "" } = useParams();
  const shared = useSharedDashboard(token);
  if (isApiError(shared.error, "NOT_FOUND")) {
    return (
      <PlainPage title={t`This link is no longer valid`}>
        <Text c="dimmed">
          <Trans>
            The link expired or was revoked, or the dashboard was deleted. Ask the person who shared it for a
            new link.
          </Trans>
        </Text>
      </PlainPage>
    );
  }
  if (shared.error) {
    return (
      <PlainPage title={t`Could not load the dashboard`}>
        <ErrorPanel error={shared.error} onRetry={() => void shared.refetch()} />
      </PlainPage>
    );
  }
  if (!shared.data) {
    return (
      <Stack p="xl" aria-busy>
        <Skeleton h={28} w={220} />
        <Skeleton h={280} />
      </Stack>
    );
  }
  return (
    <OutsideTenants value>
      <Shared token={token} shared={shared.data} />
    </OutsideTenants>
  );
}

/** Replaces the query id, which is not disclosed to people outside. */
const SOME_QUERY = "shared";

/** Converts to the form of the members' dashboards: each item has its own widget. */
function toDrawn({ tabs, items, variables, layouts, refreshSeconds, timeZone }: SharedDashboard): Drawn {
  const widget = ({ key, title, type, config, hasData }: SharedDashboard["items"][number]) =>
    ({ id: key, name: title, type, config: hasData ? { ...config, queryID: SOME_QUERY } : config }) as Widget;
  return {
    tabs,
    items: items.map(({ key, title, tab = null, drawer, when }) => ({
      key,
      title,
      tab,
      drawer,
      when,
      widgetID: key,
    })),
    widgets: items.map(widget),
    variables: variables.map(({ choicesFollow, dependsOn, ...variable }) => ({
      ...variable,
      label: variable.label ?? null,
      source: choicesFollow
        ? {
            queryID: SOME_QUERY,
            valueField: SOME_QUERY,
            parameters: Object.fromEntries(dependsOn.map((name) => [name, placeholderFor("vars", name)])),
          }
        : null,
    })),
    layouts,
    refreshSeconds,
    timeZone: timeZone ?? null,
    version: 0,
  };
}

function Shared({ token, shared }: { token: string; shared: SharedDashboard }) {
  const drawn = useMemo(() => toDrawn(shared), [shared]);
  const board = useBoard(
    drawn,
    { path: url("/api/v1/shared/{token}/data", { token }), anonymous: true },
    shared.fixed,
  );
  const { data } = board;
  const zone = isZone(shared.timeZone) ? shared.timeZone : undefined;
  useEffect(() => {
    document.title = shared.name;
  }, [shared.name]);
  return (
    <main className={classes.shared}>
      <header className={classes.sharedHead}>
        <Title order={1} size="h3">
          {shared.name}
        </Title>
        {shared.description && <Text c="dimmed">{shared.description}</Text>}
        <LockedFilters variables={shared.locked} values={shared.fixed} zone={zone} />
        {data.at && (
          <Text size="xs" c="dimmed" className={classes.sharedAt}>
            <Trans>
              Updated <Time value={data.at} />
            </Trans>
          </Text>
        )}
      </header>
      <Board
        board={board}
        menu={itemMenu}
        empty={
          <EmptyState
            icon={IconLayoutDashboard}
            title={t`This dashboard is empty`}
            text={t`This dashboard has no widgets that can be shared.`}
          />
        }
      />
    </main>
  );
}
