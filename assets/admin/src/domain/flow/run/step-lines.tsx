import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { UnstyledButton } from "@mantine/core";
import { IconChevronRight, IconHistory } from "@tabler/icons-react";
import type { Step } from "@/lib/api/model";
import { itemName, type Line } from "@/lib/flow/rounds";
import { formatDuration, formatTime } from "@/lib/format/format";
import { StatusBadge, statusLook } from "./status-badge";
import classes from "./run.module.css";

/** The time span of the whole run. */
export interface Span {
  start: number;
  end: number;
  length: number;
}

const bounded = (part: number) => Math.min(Math.max(part * 100, 0), 100);
const indent = (depth: number) => ({ "--indent": `${20 + depth * 16}px` }) as React.CSSProperties;

interface StepLineProps {
  step: Step;
  title: string;
  depth: number;
  span: Span;
  isChosen: boolean;
  onSelect: () => void;
}

export function StepLine({ step, title, depth, span, isChosen, onSelect }: StepLineProps) {
  return (
    <UnstyledButton
      className={classes.step}
      style={indent(depth)}
      aria-current={isChosen || undefined}
      onClick={onSelect}
    >
      <span className={classes.mark}>
        <StatusBadge compact status={step.status} />
      </span>
      <span className={classes.stepName}>
        {title}
        {step.reused && (
          <IconHistory size={14} aria-label={t`reused from an earlier run`} className={classes.reused} />
        )}
      </span>
      <Bar from={step.startedAt} to={step.finishedAt} status={step.status} span={span} />
    </UnstyledButton>
  );
}

interface RoundLineProps {
  line: Extract<Line, { kind: "round" }>;
  /** The loop's own step, which has the items. */
  owner: Step | undefined;
  span: Span;
  onFold: () => void;
}

/** One item of a loop, with its steps collapsed below it. */
export function RoundLine({
  line: { index, status, steps, depth, open },
  owner,
  span,
  onFold,
}: RoundLineProps) {
  const name = itemName(itemOf(owner, index));
  const place = index + 1;
  const starts = steps.flatMap(({ startedAt }) => (startedAt ? [startedAt] : []));
  const ends = steps.flatMap(({ startedAt, finishedAt }) => (startedAt && finishedAt ? [finishedAt] : []));
  return (
    <UnstyledButton
      className={classes.step}
      style={indent(depth)}
      aria-expanded={open}
      title={plural(steps.length, { one: "# step", other: "# steps" })}
      onClick={onFold}
    >
      <span className={classes.mark}>
        <StatusBadge compact status={status} />
      </span>
      <span className={classes.stepName}>
        <IconChevronRight size={14} aria-hidden className={classes.chevron} data-open={open || undefined} />
        <Trans>Iteration {place}</Trans>
        {name && <span className={classes.round}>{name}</span>}
      </span>
      <Bar
        from={starts.length ? starts.reduce((a, b) => (a < b ? a : b)) : null}
        to={ends.length === starts.length && ends.length ? ends.reduce((a, b) => (a > b ? a : b)) : null}
        status={status}
        span={span}
      />
    </UnstyledButton>
  );
}

function itemOf(owner: Step | undefined, index: number): unknown {
  const input = owner?.input;
  const items = typeof input === "object" && input !== null && "items" in input ? input.items : undefined;
  if (Array.isArray(items)) return items[index] as unknown;
  return typeof items === "object" && items !== null ? Object.keys(items)[index] : undefined;
}

interface BarProps {
  from: string | null | undefined;
  to: string | null | undefined;
  status: Step["status"];
  span: Span;
}

function Bar({ from, to, status, span }: BarProps) {
  const start = from ? Date.parse(from) : null;
  const end = to ? Date.parse(to) : span.end;
  return (
    <>
      <span className={classes.track} title={from ? formatTime(from) : undefined}>
        {start !== null && (
          <span
            className={classes.bar}
            data-tone={statusLook[status].tone}
            style={{
              left: `${bounded((start - span.start) / span.length)}%`,
              width: `${bounded((end - start) / span.length)}%`,
            }}
          />
        )}
      </span>
      <span className={classes.took}>{start === null ? "" : formatDuration(Math.max(end - start, 0))}</span>
    </>
  );
}
