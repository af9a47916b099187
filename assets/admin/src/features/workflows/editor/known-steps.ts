import { useMemo, useState } from "react";
import type { Run, Step } from "@/lib/api/model";
import { useList, useOne } from "@/lib/api/resources";
import { partialLoops } from "../graph/partial";

/** The last completed execution of a step, and the run that it belongs to. */
export interface KnownStep {
  run: Run;
  step: Step;
  /** A loop of which only a step was tested: its input is known, but its output is not that of all items. */
  partial: boolean;
}

export type KnownSteps = ReadonlyMap<string, KnownStep>;

const none: KnownSteps = new Map();

/** Returns the latest run of a saved workflow, or the latest test of it. */
function useLatestRun(workflowID: string, isTest: boolean): Run | undefined {
  const latest = useList("instance", { workflowID, isTest, limit: 1 });
  return useOne("instance", latest.items?.[0]?.id).data as Run | undefined;
}

/** Adds steps that became known later. A loop of which only a step was tested replaces no other execution of it. */
function withLater(before: KnownSteps, later: KnownSteps): KnownSteps {
  const added = [...later].filter(([id, { partial }]) => !partial || (before.get(id)?.partial ?? true));
  return added.length ? new Map([...before, ...added]) : before;
}

/** Adds a run's completed steps, of loops the first iteration; values that are too large for a record are left out. */
export function withRun(before: KnownSteps, run: Run): KnownSteps {
  const partial = partialLoops(run);
  const fresh = new Map<string, KnownStep>();
  for (const step of run.steps ?? [])
    if (step.status === "COMPLETED" && !step.outputOmitted && !fresh.has(step.nodeID))
      fresh.set(step.nodeID, { run, step, partial: partial.includes(step.nodeID) });
  return withLater(before, fresh);
}

/** Returns the outputs that can replace the execution of steps. */
export const outputsOf = (known: KnownSteps): ReadonlyMap<string, unknown> =>
  new Map(
    [...known].flatMap(([nodeID, { step, partial }]) => (partial ? [] : [[nodeID, step.output as unknown]])),
  );

/**
 * Returns the execution that represents a step: the one in the run that is shown, or the last one that is known if there
 * is none or only a step in the loop was tested.
 */
export function lastOf(
  known: KnownSteps,
  run: Run | undefined,
  nodeID: string,
): Pick<KnownStep, "run" | "step"> | undefined {
  const shown = run?.steps?.find((step) => step.nodeID === nodeID);
  const last = known.get(nodeID);
  const isReplaced = shown?.status === "COMPLETED" && last && run && partialLoops(run).includes(nodeID);
  return run && shown && !isReplaced ? { run, step: shown } : last;
}

/**
 * Collects the outputs of all runs that the editor has shown, and of the workflow's latest run; a test, which may have
 * been of a part only, adds what that run does not have.
 */
export function useKnownSteps(workflowID: string, run: Run | undefined): KnownSteps {
  const [kept, setKept] = useState(none);
  const [seen, setSeen] = useState(run?.steps);
  if (run && seen !== run.steps) {
    setSeen(run.steps);
    setKept(withRun(kept, run));
  }
  const test = useLatestRun(workflowID, true);
  const real = useLatestRun(workflowID, false);
  return useMemo(() => {
    const tested = test ? withRun(none, test) : none;
    return withLater(real ? withRun(tested, real) : tested, kept);
  }, [test, real, kept]);
}
