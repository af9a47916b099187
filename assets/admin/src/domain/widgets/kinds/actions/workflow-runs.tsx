import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Skeleton } from "@mantine/core";
import { Link } from "react-router";
import { RunDuration } from "@/domain/flow/run/run-duration";
import { StatusBadge } from "@/domain/flow/run/status-badge";
import { useCan } from "@/lib/api/me";
import type { Instance } from "@/lib/api/model";
import { useList } from "@/lib/api/resources";
import { asNumber } from "@/lib/format/figures";
import { useTenantLink } from "@/lib/tenant";
import { Time } from "@/ui/text/time";
import { isOn, textOf, type WidgetProps } from "../config";
import classes from "../data/lists.module.css";
import { Hint } from "../hint";
import { Problem } from "./problem";

export function WorkflowRunsWidget({ config }: WidgetProps) {
  const can = useCan();
  const workflowID = textOf(config, "workflowID");
  if (!workflowID) return <Hint text={t`Select a workflow.`} />;
  if (!can("workflow:list")) return <Hint text={t`Your role cannot view workflow runs.`} />;
  return (
    <Runs workflowID={workflowID} limit={asNumber(config["limit"]) ?? 10} tests={isOn(config, "tests")} />
  );
}

function Runs({ workflowID, limit, tests }: { workflowID: string; limit: number; tests: boolean }) {
  const runs = useList("instance", { workflowID, limit, isTest: tests ? null : false });
  if (runs.error && !runs.items) return <Problem error={runs.error} onRetry={() => void runs.refetch()} />;
  if (!runs.items) return <Skeleton h="100%" mih={40} />;
  if (runs.items.length === 0) return <Hint text={t`No runs yet.`} />;
  return (
    <div className={classes.scroll} tabIndex={0} role="group" aria-label={t`Runs`}>
      <ul className={classes.list}>
        {runs.items.slice(0, limit).map((run) => (
          <li key={run.id}>
            <RunLine run={run} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function RunLine({ run }: { run: Instance }) {
  const link = useTenantLink();
  return (
    <Link className={classes.line} to={link("runs", run.id)}>
      <StatusBadge status={run.status} />
      <span className={classes.lineWords}>
        <span className={classes.lineSub}>
          {run.error?.message ?? (
            <>
              <Time value={run.startedAt ?? run.createdAt} />
              {run.isTest && (
                <>
                  {" "}
                  · <Trans>test run</Trans>
                </>
              )}
            </>
          )}
        </span>
      </span>
      <span className={classes.lineDetail}>
        <RunDuration run={run} />
      </span>
    </Link>
  );
}
