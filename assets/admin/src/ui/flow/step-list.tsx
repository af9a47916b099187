import { Text, UnstyledButton } from "@mantine/core";
import { useEffect, useState } from "react";
import type { Run, Step } from "@/lib/api/model";
import { stepKey } from "@/lib/flow/run-state";
import { formatDuration, formatTime } from "@/lib/format";
import { StatusBadge, statusLook } from "../status-badge";
import classes from "./run.module.css";

interface StepListProps {
  run: Run;
  steps: readonly Step[];
  selected: string | null;
  onSelect: (key: string) => void;
}

/** The present moment, while something runs. */
function useNow(ticking: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!ticking) return;
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [ticking]);
  return now;
}

/** When each step ran, as bars over the time of the run. */
export function StepList({ run, steps, selected, onSelect }: StepListProps) {
  const now = useNow(!run.finishedAt);
  const start = Date.parse(run.startedAt ?? run.createdAt);
  const end = run.finishedAt ? Date.parse(run.finishedAt) : now;
  const span = Math.max(end - start, 1);
  if (steps.length === 0) {
    return (
      <Text c="dimmed" size="sm" p="md">
        {run.finishedAt ? "No step ran." : "No step has begun yet."}
      </Text>
    );
  }
  return (
    <ol className={classes.steps} aria-label="Steps">
      {steps.map((step) => {
        const key = stepKey(step);
        const from = step.startedAt ? Date.parse(step.startedAt) : null;
        const to = step.finishedAt ? Date.parse(step.finishedAt) : end;
        return (
          <li key={key}>
            <UnstyledButton className={classes.step} aria-current={key === selected || undefined} onClick={() => onSelect(key)}>
              <StatusBadge compact status={step.status} />
              <span className={classes.stepName}>
                {step.name}
                {step.iteration && <span className={classes.round}>[{step.iteration}]</span>}
              </span>
              <span className={classes.track} title={step.startedAt ? formatTime(step.startedAt) : undefined}>
                {from !== null && <span className={classes.bar} data-tone={statusLook[step.status].tone} style={{ left: `${bounded((from - start) / span)}%`, width: `${bounded((to - from) / span)}%` }} />}
              </span>
              <span className={classes.took}>{from === null ? "" : formatDuration(Math.max(to - from, 0))}</span>
            </UnstyledButton>
          </li>
        );
      })}
    </ol>
  );
}

const bounded = (part: number) => Math.min(Math.max(part * 100, 0), 100);
