import { t } from "@lingui/core/macro";
import { useState } from "react";
import { isApiError } from "@/lib/api/errors";
import type { JsonObject, Problem } from "@/lib/api/model";
import { useExecuteWorkflow, useRun, useTestWorkflow } from "@/lib/api/subjects/runs";
import type { Graph } from "@/lib/flow/graph";
import { notify } from "@/ui/feedback/notify";
import type { Definition } from "../graph/definition";
import type { PanelTab } from "./bottom-panel";
import { problemsOfDetails } from "./problems";

export type RunMode = "test" | "run";

/** Converts the error of a run's start to problems of the graph. */
export interface Checked {
  problems: readonly Problem[];
  graph: Graph;
}

/** Starts test runs of the unsaved graph and runs of the saved workflow, and follows the last one. */
export function useRuns(workflowID: string, definition: Definition, saved: Graph) {
  const test = useTestWorkflow();
  const execute = useExecuteWorkflow();
  const [runID, setRunID] = useState<string>();
  const [tab, setTab] = useState<PanelTab>(null);
  const [asking, setAsking] = useState<RunMode | null>(null);
  const [checked, setChecked] = useState<Checked | null>(null);
  const followed = useRun(runID);

  const start = async (mode: RunMode, input: JsonObject) => {
    const { nodes, edges, inputs, settings } = definition;
    const tried = mode === "test" ? { nodes, edges } : saved;
    try {
      const started =
        mode === "test"
          ? await test.mutateAsync({ nodes, edges, inputs, settings, input })
          : await execute.mutateAsync({ workflowID, input });
      if (mode === "test") setChecked({ problems: [], graph: { nodes, edges } });
      setRunID(started.instanceID);
      setTab("run");
    } catch (error) {
      const problems = isApiError(error, "INVALID_REQUEST")
        ? problemsOfDetails(error.details, tried.nodes)
        : [];
      // The dialog shows errors of inputs; errors of the graph belong in the problems panel.
      if (!problems.some(({ nodeID, path }) => nodeID || /^(nodes|edges)\b/.test(path ?? ""))) throw error;
      setChecked({ problems, graph: tried });
      setTab("problems");
      notify.failed(
        new Error(t`The workflow has errors. See the problems below.`),
        t`Could not start the run`,
      );
    }
  };

  const ask = (mode: RunMode) => {
    if (definition.inputs.length) setAsking(mode);
    else void start(mode, {}).catch((error: unknown) => notify.failed(error, t`Could not start the run`));
  };
  const forget = () => {
    setRunID(undefined);
    setTab(null);
  };
  return {
    ...followed,
    tab,
    setTab,
    asking,
    setAsking,
    ask,
    start,
    forget,
    checked,
    setChecked,
    starting: test.isPending || execute.isPending,
  };
}

export type Runs = ReturnType<typeof useRuns>;
