import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Skeleton, Stack } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { Outlet, useMatches, useNavigation } from "react-router";
import { useMe, useMembership } from "@/lib/api/me";
import { useRunFeed } from "@/lib/api/subjects/run-feed";
import type { RouteHandle } from "@/lib/route";
import { keep, readStored } from "@/lib/stored";
import { lastTenant } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { InsideMain, NoAccess } from "@/ui/page/plain-page";
import { DropAnywhere } from "./drop-anywhere";
import { BottomBar } from "./navigation/bottom-bar";
import { OfflineBar } from "./offline-bar";
import { Rail } from "./navigation/rail";
import { ShellOverlays } from "./shell-overlays";
import classes from "./shell.module.css";
import { useShellShortcuts } from "./use-shell-shortcuts";
import { useRememberVisits } from "./remember-visits";

const COLLAPSED = "jet-admin.rail-collapsed";
const COLLAPSED_IN_EDITORS = "jet-admin.rail-collapsed-in-editors";

/** The layout of every page of a tenant. */
export function TenantLayout() {
  const me = useMe();
  const membership = useMembership();
  const [collapsed, toggleRail] = useCollapsedRail();
  useRunFeed();
  const busy = useNavigation().state !== "idle";

  useShellShortcuts({ onToggleRail: toggleRail });
  useRememberVisits();

  useEffect(() => {
    if (membership) lastTenant.set(membership.id);
  }, [membership]);

  if (me.error && !me.data) return <ErrorPanel page error={me.error} onRetry={() => void me.refetch()} />;
  if (me.data && !membership) return <NoAccess />;
  return (
    <div className={classes.shell} data-collapsed={collapsed || undefined}>
      <a className={classes.skip} href="#content">
        <Trans>Skip to content</Trans>
      </a>
      <Rail collapsed={collapsed} onToggle={toggleRail} />
      <div className={classes.content}>
        <OfflineBar />
        <main className={classes.main} id="content" tabIndex={-1} aria-busy={busy}>
          {busy && <div className={classes.progress} role="progressbar" aria-label={t`Loading page`} />}
          <InsideMain value={true}>{membership ? <Guarded /> : <PageSkeleton />}</InsideMain>
        </main>
      </div>
      <BottomBar />
      <DropAnywhere />
      <ShellOverlays />
    </div>
  );
}

/** Whether the navigation is collapsed. The browser remembers it, for editors separately: they start with it collapsed. */
function useCollapsedRail() {
  const roomy = useMatches().some(({ handle }) => (handle as RouteHandle | undefined)?.roomy);
  const key = roomy ? COLLAPSED_IN_EDITORS : COLLAPSED;
  const [chosen, setChosen] = useState<Record<string, boolean>>({});
  const stored = chosen[key] ?? readStored(key);
  const collapsed = typeof stored === "boolean" ? stored : roomy === true;
  const toggle = () => {
    setChosen({ ...chosen, [key]: !collapsed });
    keep(key, !collapsed);
  };
  return [collapsed, toggle] as const;
}

/** Renders the page if the caller's role allows it. */
function Guarded() {
  const membership = useMembership();
  const handles = useMatches().map(({ handle }) => handle as RouteHandle | undefined);
  const title = handles.findLast((handle) => handle?.title)?.title;
  useDocumentTitle([title, membership?.name, "jet-admin"].filter(Boolean).join(" · "));
  const missing = handles.find(
    (handle) => handle?.permission && !membership?.permissions.includes(handle.permission),
  );
  return missing ? (
    <NoAccess {...(missing.permission ? { permission: missing.permission } : {})} />
  ) : (
    <Outlet />
  );
}

function PageSkeleton() {
  return (
    <Stack p="xl" gap="md" aria-busy>
      <Skeleton h={28} w={220} />
      <Skeleton h={36} />
      <Skeleton h={36} />
      <Skeleton h={36} />
    </Stack>
  );
}
