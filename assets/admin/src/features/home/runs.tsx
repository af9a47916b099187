import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import { StatusBadge } from "@/domain/flow/run/status-badge";
import type { Instance } from "@/lib/api/model";
import { useList } from "@/lib/api/resources";
import { runName } from "@/lib/flow/run-name";
import { useTenantLink } from "@/lib/tenant";
import { Time } from "@/ui/text/time";
import classes from "./home.module.css";
import { Section } from "./section";

const MOST = 6;

/** The latest unfinished runs: those that run now, and those that wait for a time, an answer or another run. */
export function UnfinishedRuns() {
  const link = useTenantLink();
  const lists = [
    useList("instance", { status: "RUNNING", limit: MOST }),
    useList("instance", { status: "WAITING", limit: MOST }),
  ];
  const runs = lists.flatMap(({ items }) => items ?? []);
  return (
    <Section
      title={t`In progress`}
      empty={t`No runs in progress.`}
      error={lists.find(({ error }) => error)?.error}
      onRetry={() => lists.forEach((list) => void list.refetch())}
      rows={
        lists.every(({ items }) => items)
          ? runs
              .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
              .slice(0, MOST)
              .map((run) => <Row key={run.id} run={run} />)
          : undefined
      }
      aside={
        <Anchor component={Link} to={link("runs")} size="sm" c="dimmed" aria-label={t`All runs`}>
          <Trans>All</Trans>
        </Anchor>
      }
    />
  );
}

function Row({ run }: { run: Instance }) {
  const link = useTenantLink();
  return (
    <Link to={link("runs", run.id)} className={classes.row}>
      <StatusBadge status={run.status} compact />
      <span className={classes.name}>{runName(run)}</span>
      {run.error && (
        <span
          className={classes.muted}
          style={{ overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap", maxWidth: "45%" }}
        >
          {run.error.message}
        </span>
      )}
      <span className={classes.muted}>
        <Time value={run.startedAt ?? run.createdAt} />
      </span>
    </Link>
  );
}
