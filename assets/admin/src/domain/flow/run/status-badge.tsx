import { t } from "@lingui/core/macro";
import {
  IconAlertCircle,
  IconBan,
  IconCircleCheck,
  IconCircleDashed,
  IconClock,
  IconLoader2,
  IconPlayerSkipForward,
  IconRotateClockwise,
  type Icon,
} from "@tabler/icons-react";
import type { StepStatus } from "@/lib/api/model";
import classes from "./status-badge.module.css";

interface Look {
  word: string;
  icon: Icon;
  tone: "green" | "blue" | "violet" | "amber" | "red" | "grey";
}

/** The label and icon of each status of a run or a step. */
export const statusLook: Record<StepStatus, Look> = {
  PENDING: { word: t`Pending`, icon: IconCircleDashed, tone: "grey" },
  RUNNING: { word: t`Running`, icon: IconLoader2, tone: "blue" },
  WAITING: { word: t`Waiting`, icon: IconClock, tone: "violet" },
  RETRYING: { word: t`Retrying`, icon: IconRotateClockwise, tone: "amber" },
  COMPLETED: { word: t`Completed`, icon: IconCircleCheck, tone: "green" },
  FAILED: { word: t`Failed`, icon: IconAlertCircle, tone: "red" },
  CANCELLED: { word: t`Cancelled`, icon: IconBan, tone: "grey" },
  SKIPPED: { word: t`Skipped`, icon: IconPlayerSkipForward, tone: "grey" },
};

export function StatusBadge({ status, compact = false }: { status: StepStatus; compact?: boolean }) {
  const {
    word,
    icon: StatusIcon,
    tone,
  } = statusLook[status] ?? { word: status, icon: IconCircleDashed, tone: "grey" };
  return (
    <span
      className={classes.badge}
      data-tone={tone}
      data-spins={status === "RUNNING" || undefined}
      title={compact ? word : undefined}
    >
      <StatusIcon size={16} stroke={1.8} aria-hidden={!compact} aria-label={compact ? word : undefined} />
      {!compact && word}
    </span>
  );
}
