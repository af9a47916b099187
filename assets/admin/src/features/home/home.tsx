import { useCan, useMembership } from "@/lib/api/me";
import { useTenant } from "@/lib/api/tenants";
import { PageHeader } from "@/ui/page-header";
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
      <PageHeader title={membership?.name ?? "Home"} />
      <div className={classes.page}>
        {tenant && <Checklist counts={tenant.counts} />}
        <div className={classes.columns}>
          {can("workflow:list") && (
            <div className={classes.column}>
              <Waiting />
              <Runs title="Running now" status="RUNNING" empty="Nothing runs right now." />
              <Runs title="Failed lately" status="FAILED" empty="Nothing has failed." />
            </div>
          )}
          <RecentItems />
        </div>
      </div>
    </>
  );
}
