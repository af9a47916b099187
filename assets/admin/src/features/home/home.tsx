import { t } from "@lingui/core/macro";
import { useCan, useMembership } from "@/lib/api/me";
import { useTenant } from "@/lib/api/subjects/tenants";
import { PageHeader } from "@/ui/page/page-header";
import { Checklist } from "./checklist";
import classes from "./home.module.css";
import { RecentItems } from "./recent-items";
import { Runs } from "./runs";
import { Waiting } from "./waiting";

export function Home() {
  const can = useCan();
  const membership = useMembership();
  const { data: tenant } = useTenant();
  return (
    <>
      <PageHeader title={membership?.name ?? t`Home`} />
      <div className={classes.page}>
        {tenant && <Checklist counts={tenant.counts} />}
        <div className={classes.columns}>
          {can("workflow:list") && (
            <div className={classes.column}>
              <Waiting />
              <Runs title={t`Running now`} status="RUNNING" empty={t`No runs in progress.`} />
              <Runs title={t`Recent failures`} status="FAILED" empty={t`No failures.`} />
            </div>
          )}
          <RecentItems />
        </div>
      </div>
    </>
  );
}
