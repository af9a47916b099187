import { useMemo, useState } from "react";
import type { Run, Step } from "@/lib/api/model";
import { useList, useOne } from "@/lib/api/resources";

/** The last completed execution of a step, and the run that it belongs to. */
interface KnownStep {
  run: Run;
  step: Step;
}

type KnownSteps = ReadonlyMap<string, KnownStep>;

const none: KnownSteps = new Map();

/** Returns the latest run of a saved workflow, or the latest test of it. */
function useLatestRun(workflowID: string, isTest: boolean): Run | undefined {
  const latest = useList("instance", { workflowID, isTest, limit: 1 });
  return useOne("instance", latest.items?.[0]?.id).data as Run | undefined;
}

/** Adds a run's completed steps, of loops the first iteration; values that are too large for a record are left out. */
function withRun(before: KnownSteps, run: Run): KnownSteps {
  const fresh = new Map<string, KnownStep>();
  for (const step of run.steps ?? [])
    if (step.status === "COMPLETED" && !step.outputOmitted && !fresh.has(step.nodeID))
      fresh.set(step.nodeID, { run, step });
  return fresh.size ? new Map([...before, ...fresh]) : before;
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
    return new Map([...(real ? withRun(tested, real) : tested), ...kept]);
  }, [test, real, kept]);
}
