import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Anchor, Loader } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconX } from "@tabler/icons-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { StatusBadge } from "@/domain/flow/run/status-badge";
import { useTenantLink } from "@/lib/tenant";
import { useWidgetVariables } from "../host";
import type { Outcome } from "./outcome";
import { Problem } from "./problem";
import { useSuccesses } from "./successes";
import type { ActionState } from "./use-action";
import classes from "./actions.module.css";

interface ActionOutcomeProps {
  action: ActionState;
  /**
   * What the action was started on: an error disappears when this or a variable changes, such as the selected row, and
   * when another action succeeds. If absent, the error stays.
   */
  subject?: string;
}

/** Shows the progress and the result of an action. */
export function ActionOutcome({ action, subject }: ActionOutcomeProps) {
  const { busy, outcome, run, runID, name, dismiss } = action;
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
      {!busy && outcome && outcome.kind !== "done" && (
        <>
          <Trouble outcome={outcome} details={details} onDismiss={dismiss} />
          {subject !== undefined && <Expiry subject={subject} onExpire={dismiss} />}
        </>
      )}
    </div>
  );
}

interface TroubleProps {
  outcome: Outcome;
  details: React.ReactNode;
  onDismiss: () => void;
}

/** Shows that an action failed, or that it changed nothing. */
function Trouble({ outcome, details, onDismiss }: TroubleProps) {
  return (
    <div className={classes.trouble}>
      {outcome.kind === "failed" ? (
        <>
          <Problem error={outcome.error} />
          {details}
        </>
      ) : (
        <span className={classes.outcomeLine}>
          <IconAlertTriangle size={16} className={classes.warning} aria-hidden />
          <span>{outcome.message}</span>
          {details}
        </span>
      )}
      <ActionIcon size="sm" aria-label={t`Dismiss`} title={t`Dismiss`} onClick={onDismiss}>
        <IconX size={14} />
      </ActionIcon>
    </div>
  );
}

/** Dismisses an error as soon as something else is shown or selected than when it appeared. */
function Expiry({ subject, onExpire }: { subject: string; onExpire: () => void }) {
  const now = JSON.stringify([subject, useWidgetVariables(true), useSuccesses()]);
  const [before] = useState(now);
  useEffect(() => {
    if (now !== before) onExpire();
  }, [now, before, onExpire]);
  return null;
}
