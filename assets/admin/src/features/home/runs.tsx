import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import { StatusBadge } from "@/domain/flow/run/status-badge";
import type { Instance, RunStatus } from "@/lib/api/model";
import { useList } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { Time } from "@/ui/text/time";
import classes from "./home.module.css";
import { Section } from "./section";

/** The latest runs with one status. */
export function Runs({ title, status, empty }: { title: string; status: RunStatus; empty: string }) {
  const link = useTenantLink();
  const runs = useList("instance", { status, limit: 5 });
  return (
    <Section
      title={title}
      empty={empty}
      error={runs.error}
      onRetry={() => void runs.refetch()}
      rows={runs.items?.slice(0, 5).map((run) => (
        <Row key={run.id} run={run} />
      ))}
      aside={
        <Anchor
          component={Link}
          to={`${link("runs")}?status=${status}`}
          size="sm"
          c="dimmed"
          aria-label={t`View all: ${title}`}
        >
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
      <span className={classes.name}>{run.workflowName ?? t`Test run`}</span>
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
