import { t } from "@lingui/core/macro";
import { lazy, Suspense } from "react";
import { AppFromTable } from "@/domain/table-app/app-from-table";
import { isReader, useCan, useMembership } from "@/lib/api/me";
import type { TenantDetail } from "@/lib/api/model";
import { useTenant } from "@/lib/api/subjects/tenants";
import { PageHeader } from "@/ui/page/page-header";
import { Checklist } from "./checklist";
import { Failures } from "./failures";
import { Favorites } from "./favorites";
import classes from "./home.module.css";
import { RecentItems } from "./recent-items";
import { RecentWork } from "./recent-work";
import { UnfinishedRuns } from "./runs";
import { Waiting } from "./waiting";

// The page of most visits must not wait for the others' code.
const ReaderHome = lazy(async () => ({ default: (await import("./reader-home")).ReaderHome }));
const FirstRun = lazy(async () => ({ default: (await import("./first-run")).FirstRun }));

const parts = ["datasource", "file", "dataquery", "widget", "dashboard", "workflow"] as const;

/** Whether a tenant contains nothing yet. */
const isEmptyTenant = (counts: TenantDetail["counts"]): boolean => parts.every((part) => counts[part] === 0);

export function Home() {
  const can = useCan();
  const membership = useMembership();
  return (
    <>
      <PageHeader
        title={membership?.name ?? t`Home`}
        actions={isReader(can) ? null : <AppFromTable variant="default" />}
      />
      <Suspense fallback={null}>{isReader(can) ? <ReaderHome /> : <BuilderHome />}</Suspense>
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
            <UnfinishedRuns />
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
