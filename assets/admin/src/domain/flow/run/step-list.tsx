import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Run, Step } from "@/lib/api/model";
import { titlesOf } from "@/lib/flow/graph";
import { linesOf, roundKey, roundsOf, type Line } from "@/lib/flow/rounds";
import { isFinal, stepKey } from "@/lib/flow/run-state";
import { now as serverNow } from "@/lib/format/dates/clock";
import { formatNumber } from "@/lib/format/format";
import classes from "./run.module.css";
import { RoundLine, StepLine, type Span } from "./step-lines";

interface StepListProps {
  run: Run;
  steps: readonly Step[];
  selected: string | null;
  onSelect: (key: string) => void;
}

const ROW = 30;

/** The current time while something runs. */
function useNow(ticking: boolean): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    if (!ticking) return;
    const timer = setInterval(() => setNow(serverNow()), 250);
    return () => clearInterval(timer);
  }, [ticking]);
  return now;
}

const keyOf = (line: Line) => (line.kind === "step" ? stepKey(line.step) : `round ${line.key}`);

/**
 * Returns the visible lines and a toggle: iterations are collapsed until they are expanded, or a step in them is
 * selected.
 */
function useLines(run: Run, steps: readonly Step[], selected: string | null) {
  const [folds, setFolds] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [shownFor, setShownFor] = useState<string | null>(null);
  /**
   * The iterations that are expanded because they contain the selected step: they collapse when another one takes their
   * place.
   */
  const [opened, setOpened] = useState<readonly string[]>([]);
  const nodes = useMemo(() => run.nodes ?? [], [run.nodes]);
  const chosen = steps.find((step) => stepKey(step) === selected);
  if (selected !== shownFor) {
    setShownFor(selected);
    const around = chosen ? roundsOf(nodes, chosen) : [];
    if (around.some((key) => !folds.get(key))) {
      setFolds(
        new Map([
          ...folds,
          ...opened.map((key) => [key, false] as const),
          ...around.map((key) => [key, true] as const),
        ]),
      );
      setOpened(around.filter((key) => !folds.get(key) || opened.includes(key)));
    }
  }
  const lines = useMemo(() => linesOf(nodes, steps, (key) => folds.get(key) ?? false), [nodes, steps, folds]);
  const fold = (key: string, open: boolean) => setFolds(new Map(folds).set(key, open));
  return { lines, fold };
}

/** Returns the line that a key moves the focus to, from the one `at`. */
function targetOf(key: string, at: number, count: number): number {
  if (key === "ArrowDown") return at + 1;
  if (key === "ArrowUp") return at - 1;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : at;
}

/**
 * Shows when each step ran, as bars over the time of the run, with collapsed iterations. Only the visible lines are in
 * the page.
 */
const byRound = (steps: StepListProps["steps"]) =>
  new Map(steps.map((step) => [roundKey(step.nodeID, step.iteration), step]));

export function StepList({ run, steps, selected, onSelect }: StepListProps) {
  const now = useNow(!run.finishedAt);
  const scroller = useRef<HTMLDivElement>(null);
  const { lines, fold } = useLines(run, steps, selected);
  const byKey = useMemo(() => byRound(steps), [steps]);
  const titles = useMemo(() => titlesOf(run.nodes ?? []), [run.nodes]);
  // The virtualizer's functions change with every scroll; nothing here is memoized.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 16,
    getItemKey: (index) => (lines[index] ? keyOf(lines[index]) : index),
  });
  const at = lines.findIndex((line) => line.kind === "step" && stepKey(line.step) === selected);
  const shownAt = useRef<string | null>(null);
  useEffect(() => {
    // Nothing can be scrolled before it has been measured.
    if (at < 0 || shownAt.current === selected || virtual.getVirtualItems().length === 0) return;
    shownAt.current = selected;
    virtual.scrollToIndex(at);
  });
  const start = Date.parse(run.startedAt ?? run.createdAt);
  const end = run.finishedAt ? Date.parse(run.finishedAt) : now;
  const span: Span = { start, end, length: Math.max(end - start, 1) };
  const untold = (run.stepCount ?? 0) - steps.length;

  const go = (event: React.KeyboardEvent) => {
    const at = Number((event.target as HTMLElement).closest("[data-index]")?.getAttribute("data-index"));
    const line = lines[at];
    if (line?.kind === "round" && (event.key === "ArrowRight" || event.key === "ArrowLeft"))
      fold(line.key, event.key === "ArrowRight");
    const to = targetOf(event.key, at, lines.length);
    if (!Number.isFinite(to) || to === at || !lines[to]) return;
    event.preventDefault();
    virtual.scrollToIndex(to);
    // The line is rendered after the next frame.
    requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        scroller.current?.querySelector<HTMLElement>(`[data-index="${to}"] button`)?.focus(),
      ),
    );
  };

  if (steps.length === 0) {
    return (
      <Text c="dimmed" size="sm" p="md">
        {isFinal(run.status) ? t`No steps were run.` : t`No steps have started yet.`}
      </Text>
    );
  }
  return (
    <div className={classes.scroller} ref={scroller}>
      <ol
        className={classes.steps}
        aria-label={t`Steps`}
        style={{ height: virtual.getTotalSize() }}
        onKeyDown={go}
      >
        {virtual.getVirtualItems().map(({ index, key, start: top }) => {
          const line = lines[index];
          if (!line) return null;
          return (
            <li
              key={key}
              data-index={index}
              className={classes.line}
              style={{ transform: `translateY(${top}px)` }}
              aria-setsize={lines.length}
              aria-posinset={index + 1}
            >
              {line.kind === "step" ? (
                <StepLine
                  step={line.step}
                  title={titles.get(line.step.nodeID) ?? line.step.name}
                  depth={line.depth}
                  span={span}
                  isChosen={stepKey(line.step) === selected}
                  onSelect={() => onSelect(stepKey(line.step))}
                />
              ) : (
                <RoundLine
                  line={line}
                  owner={byKey.get(roundKey(line.loop, line.iteration.split("/").slice(0, -1).join("/")))}
                  span={span}
                  onFold={() => fold(line.key, !line.open)}
                />
              )}
            </li>
          );
        })}
      </ol>
      {untold > 0 && isFinal(run.status) && (
        <Text size="sm" c="dimmed" px="md" pb="sm">
          <Trans>
            Showing {formatNumber(steps.length)} of {formatNumber(run.stepCount ?? 0)} steps. Long loops list
            only the first and the failed iterations.
          </Trans>
        </Text>
      )}
    </div>
  );
}
