import { plural, t } from "@lingui/core/macro";
import { useEffect, useRef, useState } from "react";
import { executeQuery } from "@/lib/api/data-queries";
import { useCan } from "@/lib/api/me";
import type { QueryResult, Run } from "@/lib/api/model";
import { useExecuteWorkflow, useRun } from "@/lib/api/runs";
import { isFinal } from "@/lib/flow/run-state";
import { fillValues, type Scope } from "@/lib/placeholders";
import { useTenantID } from "@/lib/tenant";
import { notify } from "../notify";
import { refusalOf, type Action } from "./action-config";
import { useWidgetHost } from "./host";

export type Outcome = { kind: "done"; message: string } | { kind: "failed"; error: unknown };

interface Started {
  /** What was pressed: "Refund". */
  name: string;
  done: string;
}

/** What a query did, in words. */
export function told({ affectedRows, rowCount }: Pick<QueryResult, "affectedRows" | "rowCount">): string {
  if (affectedRows === null || affectedRows === undefined) return rowCount ? plural(rowCount, { one: "# row came back.", other: "# rows came back." }) : t`Done.`;
  return affectedRows === 0 ? t`Nothing was changed.` : plural(affectedRows, { one: "# row changed.", other: "# rows changed." });
}

function endOf(run: Run, done: string): Outcome | null {
  if (!isFinal(run.status)) return null;
  if (run.status === "COMPLETED") return { kind: "done", message: done || t`The workflow completed.` };
  return { kind: "failed", error: new Error(run.error?.message ?? (run.status === "CANCELLED" ? t`The run was cancelled.` : t`The run failed.`)) };
}

/** Runs an action, follows a workflow to its end, and tells what came of it: here, in the corner, and by new data. */
export function useAction() {
  const tenantID = useTenantID();
  const { refresh } = useWidgetHost();
  const execute = useExecuteWorkflow();
  const [started, setStarted] = useState<Started | null>(null);
  const [settled, setSettled] = useState<Outcome | null>(null);
  const [starting, setStarting] = useState(false);
  const [runID, setRunID] = useState<string>();
  const { run, error: lost } = useRun(runID);
  const ended = run && started ? endOf(run, started.done) : lost ? ({ kind: "done", message: t`The workflow was started.` } as const) : null;
  const outcome = settled ?? ended;
  const name = started?.name ?? "";
  const busy = starting || (runID !== undefined && ended === null);
  useWhenEnded(runID, ended, name, refresh);

  /** Resolves to true when it was done, or is under way. */
  const start = async (action: Action, scope: Scope, words: Started): Promise<boolean> => {
    setStarted(words);
    setSettled(null);
    setRunID(undefined);
    setStarting(true);
    const values = fillValues(action.values, scope);
    try {
      if (action.type === "workflow") {
        setRunID((await execute.mutateAsync({ workflowID: action.id, input: values })).instanceID);
        return true;
      }
      const result = await executeQuery(tenantID, action.id, { parameters: values });
      const message = words.done || told(result);
      setSettled({ kind: "done", message });
      notify.done(`${words.name}: ${message}`);
      refresh();
      return true;
    } catch (error) {
      setSettled({ kind: "failed", error });
      notify.failed(error, words.name);
      return false;
    } finally {
      setStarting(false);
    }
  };
  return { start, busy, outcome, run, runID, name };
}

export type ActionState = ReturnType<typeof useAction>;

/** Says once how a run ended. */
function useWhenEnded(runID: string | undefined, ended: Outcome | null, name: string, refresh: () => void) {
  const told = useRef<string>(undefined);
  useEffect(() => {
    if (!runID || !ended || told.current === runID) return;
    told.current = runID;
    if (ended.kind === "done") notify.done(`${name}: ${ended.message}`);
    else notify.failed(ended.error, name);
    refresh();
  }, [runID, ended, name, refresh]);
}

/** Why the reader may not start an action; null when they may, or when there is none yet. */
export function useRefusal(): (action: Action | null) => string | null {
  const can = useCan();
  return (action) => action && refusalOf(action, can);
}
