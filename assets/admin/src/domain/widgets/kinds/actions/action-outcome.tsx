import { Trans } from "@lingui/react/macro";
import { Anchor, Loader } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { Link } from "react-router";
import { StatusBadge } from "@/domain/flow/run/status-badge";
import { useTenantLink } from "@/lib/tenant";
import { Problem } from "./problem";
import type { ActionState } from "./use-action";
import classes from "./actions.module.css";

/** Shows the progress and the result of an action. */
export function ActionOutcome({ action: { busy, outcome, run, runID, name } }: { action: ActionState }) {
  const link = useTenantLink();
  if (!busy && !outcome) return null;
  const details = runID && (
    <Anchor component={Link} to={link("runs", runID)} size="sm">
      <Trans>Open run</Trans>
    </Anchor>
  );
  return (
    <div className={classes.outcome} role="status" aria-live="polite">
      {busy && (
        <span className={classes.outcomeLine}>
          {run ? <StatusBadge status={run.status} /> : <Loader size={14} />}
          <span>{name}…</span>
          {details}
        </span>
      )}
      {!busy && outcome?.kind === "done" && (
        <span className={classes.outcomeLine}>
          <IconCircleCheck size={16} className={classes.good} aria-hidden />
          <span>{outcome.message}</span>
          {details}
        </span>
      )}
      {!busy && outcome?.kind === "unchanged" && (
        <span className={classes.outcomeLine}>
          <IconAlertTriangle size={16} className={classes.warning} aria-hidden />
          <span>{outcome.message}</span>
          {details}
        </span>
      )}
      {!busy && outcome?.kind === "failed" && (
        <>
          <Problem error={outcome.error} />
          {details}
        </>
      )}
    </div>
  );
}
