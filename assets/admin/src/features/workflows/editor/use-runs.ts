import { t } from "@lingui/core/macro";
import { useMemo, useState } from "react";
import { isApiError } from "@/lib/api/errors";
import type { JsonObject, Parameter, Problem, Run } from "@/lib/api/model";
import { useExecuteWorkflow, useRun, useTestWorkflow } from "@/lib/api/subjects/runs";
import type { Graph } from "@/lib/flow/graph";
import { isObject } from "@/lib/is-object";
import { notify } from "@/ui/feedback/notify";
import type { Definition } from "../graph/definition";
import { withoutEffects, type Effect } from "../graph/effects";
import type { Part } from "../graph/partial";
import type { PanelTab } from "./bottom-panel";
import { outputsOf, useKnownSteps } from "./known-steps";
import { problemsOfDetails } from "./problems";
import { useEffectsOf } from "./use-effects-of";

/** A run that is about to start. */
export type Asked =
  | { mode: "run" }
  | {
      mode: "test";
      /** The part of the workflow that is tested; absent for the whole. */
      part?: Part;
      effects: readonly Effect[];
    };

/** Converts the error of a run's start to problems of the graph. */
export interface Checked {
  problems: readonly Problem[];
  graph: Graph;
}

/** Returns the errors of a graph; null for others, such as those of inputs, which the dialog shows. */
function graphProblems(error: unknown, { nodes }: Graph): Problem[] | null {
  const problems = isApiError(error, "INVALID_REQUEST") ? problemsOfDetails(error.details, nodes) : [];
  return problems.some(({ nodeID, path }) => nodeID || /^(nodes|edges)\b/.test(path ?? "")) ? problems : null;
}

/** The outputs that runs have left, and the input of the last test or one that was taken from an earlier run. */
function useMemory(workflowID: string, run: Run | undefined) {
  const [sample, setSample] = useState<JsonObject | null>(null);
  const known = useKnownSteps(workflowID, run);
  const outputs = useMemo(() => outputsOf(known), [known]);
  const [last] = known.values();
  const earlier = run?.input ?? last?.run.input;
  return { known, outputs, sample: sample ?? (isObject(earlier) ? earlier : null), setSample };
}

const tellProblems = () =>
  notify.failed(new Error(t`The workflow has errors. See the problems below.`), t`Could not start the run`);

/** Whether the user must answer something before a run: its inputs, or that a test acts outside of it. */
function mustAsk(asked: Asked, inputs: readonly Parameter[], isInputKnown: boolean): boolean {
  if (asked.mode === "run") return inputs.length > 0;
  if (asked.effects.length > 0) return true;
  // A part of a workflow is tried out again and again: it asks only for what it cannot start without.
  const required = inputs.some((input) => input.required && (input.default ?? null) === null);
  return asked.part ? required && !isInputKnown : inputs.length > 0;
}

/** Starts test runs of the unsaved graph or a part of it and runs of the saved workflow, and follows the last one. */
export function useRuns(workflowID: string, definition: Definition, saved: Graph) {
  const test = useTestWorkflow();
  const execute = useExecuteWorkflow();
  const [runID, setRunID] = useState<string>();
  const [tab, setTab] = useState<PanelTab>(null);
  const [asking, setAsking] = useState<Asked | null>(null);
  const [checked, setChecked] = useState<Checked | null>(null);
  const followed = useRun(runID);
  const memory = useMemory(workflowID, followed.run);
  const effectsOf = useEffectsOf(definition.nodes);

  /** `held` are the steps that must not act. */
  const start = async (asked: Asked, input: JsonObject, held: ReadonlySet<string> = new Set()) => {
    const { inputs, settings } = definition;
    const isTest = asked.mode === "test";
    const part = isTest ? asked.part : undefined;
    const { nodes, edges } = withoutEffects(part?.graph ?? definition, held, memory.outputs);
    const tried = isTest ? { nodes, edges } : saved;
    try {
      const started = isTest
        ? await test.mutateAsync({ workflowID, nodes, edges, inputs, settings, input })
        : await execute.mutateAsync({ workflowID, input });
      if (isTest) memory.setSample(input);
      if (isTest && !part && held.size === 0) setChecked({ problems: [], graph: { nodes, edges } });
      setRunID(started.instanceID);
      setTab("run");
    } catch (error) {
      const problems = graphProblems(error, tried);
      if (!problems) throw error;
      setChecked({ problems, graph: tried });
      setTab("problems");
      tellProblems();
    }
  };
  /** Starts a run, after asking for its inputs and for what it does outside. */
  const ask = (mode: Asked["mode"], part?: Part) => {
    const effects = mode === "test" ? effectsOf((part?.graph ?? definition).nodes) : [];
    const asked: Asked = mode === "run" ? { mode } : { mode, effects, ...(part ? { part } : {}) };
    if (mustAsk(asked, definition.inputs, memory.sample !== null)) setAsking(asked);
    else
      void start(asked, (mode === "test" && memory.sample) || {}).catch((error: unknown) =>
        notify.failed(error, t`Could not start the run`),
      );
  };
  return {
    ...followed,
    ...memory,
    tab,
    setTab,
    asking,
    setAsking,
    ask,
    start,
    forget: () => {
      setRunID(undefined);
      setTab(null);
    },
    checked,
    setChecked,
    starting: test.isPending || execute.isPending,
  };
}

export type Runs = ReturnType<typeof useRuns>;
