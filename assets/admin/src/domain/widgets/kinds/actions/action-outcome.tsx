import { Trans } from "@lingui/react/macro";
import { Anchor, Loader } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useLayoutEffect, useRef } from "react";
import { Link } from "react-router";
import { StatusBadge } from "@/domain/flow/run/status-badge";
import { useTenantLink } from "@/lib/tenant";
import { Problem } from "./problem";
import type { ActionState } from "./use-action";
import classes from "./actions.module.css";

/** Shows the progress and the result of an action. */
export function ActionOutcome({ action: { busy, outcome, run, runID, name } }: { action: ActionState }) {
  const link = useTenantLink();
  const place = useRef<HTMLDivElement>(null);
  // The result of a form is below its fields. The page itself is not scrolled.
  useLayoutEffect(() => {
    const [box, own] = [place.current?.parentElement, place.current?.getBoundingClientRect()];
    if (!(box instanceof HTMLFormElement) || !own || busy || !outcome) return;
    const seen = box.getBoundingClientRect();
    const hidden = Math.min(own.bottom - seen.bottom, own.top - seen.top);
    if (hidden > 0) box.scrollTop += hidden;
  }, [busy, outcome]);
  if (!busy && !outcome) return null;
  const details = runID && (
    <Anchor component={Link} to={link("runs", runID)} size="sm">
      <Trans>Open run</Trans>
    </Anchor>
  );
  return (
    <div ref={place} className={classes.outcome} data-outcome role="status" aria-live="polite">
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
