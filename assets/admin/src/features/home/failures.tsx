import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Instance } from "@/lib/api/model";
import { useList } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { Time } from "@/ui/text/time";
import { failuresByWorkflow, type Failures as Group } from "./failures-by-workflow";
import classes from "./home.module.css";
import { Section } from "./section";

const FILTER = { status: "FAILED", isTest: false } as const;
const MOST_RUNS = 100;
const MOST = 6;

/** Recent failures, grouped by workflow. */
export function Failures() {
  const link = useTenantLink();
  const runs = useList("instance", { ...FILTER, limit: MOST_RUNS });
  const groups = runs.items && failuresByWorkflow<Instance>(runs.items);
  return (
    <Section
      title={t`Recent failures`}
      empty={t`No failures.`}
      error={runs.error}
      onRetry={() => void runs.refetch()}
      rows={groups?.slice(0, MOST).map((group) => (
        <Row key={group.workflowID} group={group} />
      ))}
      aside={
        <Anchor
          component={Link}
          to={`${link("runs")}?status=FAILED&isTest=false`}
          size="sm"
          c="dimmed"
          aria-label={t`All failed runs`}
        >
          <Trans>All</Trans>
        </Anchor>
      }
    />
  );
}

/** One failure opens its run, several open the list of them. */
function Row({ group: { workflowID, latest, count } }: { group: Group<Instance> }) {
  const link = useTenantLink();
  const to =
    count === 1
      ? link("runs", latest.id)
      : `${link("runs")}?status=FAILED&isTest=false&workflowID=${workflowID}`;
  return (
    <Link to={to} className={classes.row}>
      <IconAlertTriangle size={16} stroke={1.6} color="var(--mantine-color-error)" aria-hidden />
      <span className={classes.name}>
        {latest.workflowName}
        {latest.error && <span className={classes.reason}>{latest.error.message}</span>}
      </span>
      <span className={classes.muted}>{plural(count, { one: "# failure", other: "# failures" })}</span>
      <span className={classes.muted}>
        <Time value={latest.startedAt ?? latest.createdAt} />
      </span>
    </Link>
  );
}
