import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { VisuallyHidden } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCalendarClock,
  IconHandClick,
  IconLayoutDashboard,
  IconSitemap,
  IconWebhook,
  type Icon,
} from "@tabler/icons-react";
import { useCan } from "@/lib/api/me";
import type { Workflow } from "@/lib/api/model";
import { useList } from "@/lib/api/resources";
import { useNextTimes } from "@/lib/api/subjects/triggers";
import { useUses } from "@/lib/api/subjects/uses";
import { isOff, schedulesOf, startCauses, type StartCause } from "@/lib/flow/start-causes";
import { summaryOf } from "@/lib/flow/trigger-summary";
import { formatTime } from "@/lib/format/format";
import { Time } from "@/ui/text/time";
import { usePresent } from "@/ui/text/use-present";
import classes from "./trigger-cell.module.css";

const looks: Record<StartCause, { label: string; icon: Icon }> = {
  schedule: { label: t`Schedule`, icon: IconCalendarClock },
  webhook: { label: t`Webhook`, icon: IconWebhook },
  failure: { label: t`After a failure`, icon: IconAlertTriangle },
  workflow: { label: t`Another workflow`, icon: IconSitemap },
  dashboard: { label: t`Dashboard`, icon: IconLayoutDashboard },
  manual: { label: t`Manual`, icon: IconHandClick },
};

/** Shows what starts a workflow, when its schedule does so next, and whether that is off. */
export function TriggerCell({ workflow }: { workflow: Workflow }) {
  // One request returns the error workflows of most tenants' workflows.
  const { items: others = [] } = useList("workflow", { limit: 200, sort: "name" });
  const { data: uses } = useUses("workflow", workflow.id);
  return (
    <ul className={classes.causes}>
      {startCauses(workflow, others, uses?.items).map((cause) => (
        <li key={cause}>
          <Cause workflow={workflow} cause={cause} />
        </li>
      ))}
    </ul>
  );
}

function Cause({ workflow, cause }: { workflow: Workflow; cause: StartCause }) {
  const { label, icon: Mark } = looks[cause];
  const summaries = workflow.triggers.filter(({ type }) => type === cause).map(summaryOf);
  return (
    <>
      <Mark size={16} stroke={1.8} className={classes.icon} aria-hidden />
      <span title={summaries.join("\n") || undefined}>{label}</span>
      {isOff(workflow, cause) ? (
        <span className={classes.note}>{t`disabled`}</span>
      ) : (
        cause === "schedule" && <NextRun workflow={workflow} />
      )}
    </>
  );
}

function NextRun({ workflow }: { workflow: Workflow }) {
  const may = useCan()("workflow:read");
  const times = useNextTimes(may ? schedulesOf(workflow) : []);
  const present = usePresent();
  const next = times.find((time) => Date.parse(time) > present) ?? times.at(-1);
  if (!next) return null;
  return (
    <span className={classes.note}>
      <VisuallyHidden>
        <Trans>Next run</Trans>{" "}
      </VisuallyHidden>
      <Time value={next} />
      <VisuallyHidden> ({formatTime(next)})</VisuallyHidden>
    </span>
  );
}
