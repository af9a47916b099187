import { t } from "@lingui/core/macro";
import { isReader, useCan, useMembership } from "@/lib/api/me";
import { useTenant } from "@/lib/api/subjects/tenants";
import { PageHeader } from "@/ui/page/page-header";
import { Checklist } from "./checklist";
import { Failures } from "./failures";
import { Favorites } from "./favorites";
import { FirstRun, isEmptyTenant } from "./first-run";
import classes from "./home.module.css";
import { ReaderHome } from "./reader-home";
import { RecentItems } from "./recent-items";
import { RecentWork } from "./recent-work";
import { Runs } from "./runs";
import { Waiting } from "./waiting";

export function Home() {
  const can = useCan();
  const membership = useMembership();
  return (
    <>
      <PageHeader title={membership?.name ?? t`Home`} />
      {isReader(can) ? <ReaderHome /> : <BuilderHome />}
    </>
  );
}

/** What needs attention, and recent work. */
function BuilderHome() {
  const can = useCan();
  const { data: tenant } = useTenant();
  if (tenant && isEmptyTenant(tenant.counts) && can("datasource:create"))
    return (
      <div className={classes.page}>
        <FirstRun />
      </div>
    );
  return (
    <div className={classes.page}>
      {tenant && <Checklist counts={tenant.counts} />}
      <div className={classes.columns}>
        {can("workflow:list") && (
          <div className={classes.column}>
            <Waiting />
            <Failures />
            <Runs title={t`Running now`} status="RUNNING" empty={t`No runs in progress.`} />
          </div>
        )}
        <div className={classes.column}>
          <Favorites />
          <RecentWork />
          <RecentItems />
        </div>
      </div>
    </div>
  );
}
