import { t } from "@lingui/core/macro";
import { useCallback, useEffect, useRef, useState } from "react";
import { useCan } from "@/lib/api/me";
import { executeQuery } from "@/lib/api/subjects/data-queries";
import { useExecuteWorkflow, useRun } from "@/lib/api/subjects/runs";
import { isApiError } from "@/lib/api/errors";
import { labelled } from "@/lib/api/texts/error-texts";
import type { DashboardActionResult } from "@/lib/api/model";
import { fillValues, fillWords, type Scope } from "@/lib/templates/placeholders";
import { useTenantID } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import { useWidgetDrawer } from "../drawer";
import { useWidgetActions } from "../host";
import {
  labelBehind,
  refusalOf,
  type Action,
  type ActionPlan,
  type AfterAction,
  type ValueLabels,
} from "./action-config";
import { endOf, outcomeOf, outcomeOfSequence, type Outcome, type SequenceResult } from "./outcome";
import { tellSuccess } from "./successes";
import { useUnfilled, useUserScope } from "./unresolved";

interface Started {
  /** The label of the action: "Refund". */
  name: string;
  done: string;
  /** Called on success: a query has changed something, or a workflow has completed. */
  onDone?: () => void;
  /** What else runs and happens afterwards. */
  plan?: Pick<ActionPlan, "then" | "after">;
  /** Errors name values by these; variables have theirs from the page. */
  labels?: ValueLabels;
  /** Whether the result still belongs to what is shown. By default it does as long as the widget is on the page. */
  isInline?: () => boolean;
}

/** What is known of an action that was started. */
interface Pressed extends Started {
  scope: Scope;
}

/** What a single action did. */
type Single = Exclude<DashboardActionResult, { type: "sequence" }>;

/** Runs actions one after the other, with the permissions of the person: where there is no dashboard to run them. */
function useRunLocally(): (actions: readonly Action[], scope: Scope) => Promise<DashboardActionResult> {
  const tenantID = useTenantID();
  const execute = useExecuteWorkflow();
  const runOne = async (action: Action, scope: Scope): Promise<Single> => {
    const values = fillValues(action.values, scope);
    if (action.type === "workflow") {
      const { instanceID } = await execute.mutateAsync({ workflowID: action.id, input: values });
      return { type: "workflow", instanceID };
    }
    const { rowCount, affectedRows, rowChange, durationMs } = await executeQuery(tenantID, action.id, {
      parameters: values,
    });
    return {
      type: "query",
      rowCount,
      affectedRows: affectedRows ?? null,
      rowChange: rowChange ?? null,
      durationMs,
    };
  };
  return async (actions, scope) => {
    const [first] = actions;
    if (first && actions.length === 1) return runOne(first, scope);
    const steps: SequenceResult["steps"] = [];
    let failed: SequenceResult["failed"] = null;
    for (const [index, action] of actions.entries()) {
      const result = await runOne(action, scope).catch((error: unknown) => error);
      if (!isSingle(result)) {
        const code = isApiError(result) ? result.code : "";
        failed = {
          action: action.path,
          code,
          message: result instanceof Error ? result.message : String(result),
        };
        return { type: "sequence", steps, failed, notStarted: actions.length - index - 1 };
      }
      steps.push(stepOf(action, result));
      const unchanged = result.type === "query" && result.affectedRows === 0 && !action.mayChangeNothing;
      if (unchanged && index < actions.length - 1) {
        failed = { action: action.path, code: "NO_ROWS_CHANGED", message: "" };
        return { type: "sequence", steps, failed, notStarted: actions.length - index - 1 };
      }
    }
    return { type: "sequence", steps, failed, notStarted: 0 };
  };
}

const isSingle = (result: unknown): result is Single =>
  typeof result === "object" && result !== null && "type" in result && !(result instanceof Error);

const stepOf = ({ path }: Action, result: Single): SequenceResult["steps"][number] => ({
  action: path,
  rowCount: result.type === "query" ? result.rowCount : null,
  affectedRows: result.type === "query" ? result.affectedRows : null,
  rowChange: result.type === "query" ? result.rowChange : null,
  durationMs: result.type === "query" ? result.durationMs : null,
  instanceID: result.type === "workflow" ? result.instanceID : null,
});

/** The outcome of a run that the reader may not see. */
const hidden = (): Outcome => ({
  kind: "unchanged",
  message: t`Workflow started. Its result cannot be shown here.`,
});

/** Returns the run that a result leads to. */
const runOf = (result: DashboardActionResult): string | undefined => {
  if (result.type === "workflow") return result.instanceID;
  if (result.type !== "sequence" || result.failed) return undefined;
  return result.steps.at(-1)?.instanceID ?? undefined;
};

/**
 * Runs actions and follows a workflow to its end. Widgets show the returned outcome with `ActionOutcome`; success is also
 * reported by a notification and followed by what the plan says.
 */
export function useAction(itemKey: string | undefined) {
  const { act } = useWidgetActions();
  const can = useCan();
  const user = useUserScope();
  const unfilled = useUnfilled();
  const labelsFor = useLabels();
  const runLocally = useRunLocally();
  const problems = useProblems(itemKey);
  const finish = useFinish(problems);
  const [started, setStarted] = useState<Pressed | null>(null);
  const [settled, setSettled] = useState<Outcome | null>(null);
  const [starting, setStarting] = useState(false);
  const [runID, setRunID] = useState<string>();
  const { run, error: lost } = useRun(runID);
  const ended = run && started ? endOf(run, started.done) : lost ? hidden() : null;
  const outcome = settled ?? ended;
  const busy = starting || (runID !== undefined && ended === null);
  useWhenEnded(runID, ended, started, finish);

  const start = async (action: Action, scope: Scope, words: Started): Promise<void> => {
    const whole = { ...scope, user };
    const pressed = { ...words, done: fillWords(words.done, whole), scope: whole };
    const actions = [action, ...(words.plan?.then ?? [])];
    const labelOf = labelsFor(actions, words.labels);
    setStarted(pressed);
    setRunID(undefined);
    problems.retried(words);
    const missing = unfilled(actions, scope);
    setSettled(missing === null ? null : { kind: "failed", error: new Error(missing) });
    if (missing !== null) return;
    setStarting(true);
    try {
      const { row, form, value } = scope;
      const onDashboard = act && itemKey !== undefined && can("dashboard:use");
      const result = onDashboard
        ? await act(itemKey, { action: action.path, ...stated({ row, form, value }) })
        : await runLocally(actions, whole);
      const follows = runOf(result);
      if (follows !== undefined) return void setRunID(follows);
      const found =
        result.type === "sequence"
          ? outcomeOfSequence(result, pressed.done, labelOf)
          : outcomeOf(result as Extract<Single, { type: "query" }>, pressed.done);
      setSettled(found);
      finish(found, pressed);
    } catch (failure) {
      const error = labelled(failure, (path) => labelOf(action.path, path));
      setSettled({ kind: "failed", error });
      problems.failed({ kind: "failed", error }, words);
    } finally {
      setStarting(false);
    }
  };
  const dismiss = useCallback(() => {
    setSettled(null);
    setStarted(null);
    setRunID(undefined);
  }, []);
  return { start, busy, outcome, run, runID, name: started?.name ?? "", dismiss };
}

export type ActionState = ReturnType<typeof useAction>;

/** Returns a function that returns the label of what a value at a path of an action's error comes from. */
function useLabels() {
  const { setterOf } = useWidgetActions();
  return (actions: readonly Action[], labels: ValueLabels = {}) => {
    const all = { vars: (name: string) => setterOf?.(name)?.title, ...labels };
    const actionAt = (at: string) => actions.find(({ path }) => path === at);
    return (at: string, path: string): string | null => labelBehind(actionAt(at), path, all);
  };
}

/**
 * Returns functions for the notification that an action failed or changed nothing. It is only shown if the widget no
 * longer shows the result, because it left the page or shows another row. A new attempt withdraws it.
 */
function useProblems(itemKey = "") {
  const isMounted = useRef(false);
  useEffect(() => {
    isMounted.current = true;
    return () => {
      isMounted.current = false;
    };
  }, []);
  const attemptOf = ({ name }: Started) => `${itemKey}/${name}`;
  return {
    retried: (words: Started) => notify.retried(attemptOf(words)),
    failed: (outcome: Outcome, words: Started) => {
      if (isMounted.current && (words.isInline?.() ?? true)) return;
      if (outcome.kind === "failed") notify.failed(outcome.error, words.name, attemptOf(words));
      else notify.warn(`${words.name}: ${outcome.message}`, attemptOf(words));
    },
  };
}

/** Returns a function that reports the result of an action and, on success, does what follows. */
function useFinish(problems: ReturnType<typeof useProblems>) {
  const { refresh, refreshWidgets, clearSelection, open } = useWidgetActions();
  const drawer = useWidgetDrawer();
  const reload = (after: AfterAction | undefined) =>
    after?.refresh.length && refreshWidgets ? refreshWidgets(after.refresh) : refresh();
  return (outcome: Outcome, pressed: Pressed): void => {
    const { name, onDone, plan, scope } = pressed;
    if (outcome.kind !== "done") {
      problems.failed(outcome, pressed);
      return refresh();
    }
    notify.done(`${name}: ${outcome.message}`);
    tellSuccess();
    onDone?.();
    const after = plan?.after;
    reload(after);
    if (!after) return;
    if (!after.keepOpen) drawer?.close();
    if (after.clearSelection) clearSelection?.();
    if (after.open) open?.(after.open, scope);
  };
}

/** Finishes once, when a run has ended. */
function useWhenEnded(
  runID: string | undefined,
  ended: Outcome | null,
  started: Pressed | null,
  finish: (outcome: Outcome, pressed: Pressed) => void,
) {
  const told = useRef<string>(undefined);
  useEffect(() => {
    if (!runID || !ended || !started || told.current === runID) return;
    told.current = runID;
    finish(ended, started);
  }, [runID, ended, started, finish]);
}

/** Returns why the reader cannot run an action; null if they can, or if no action is configured. */
export function useRefusal(): (action: Action | null) => string | null {
  const can = useCan();
  const { act } = useWidgetActions();
  return (action) => action && refusalOf(action, can, act !== null);
}

/** Returns the fields that have a value: an absent one is not sent. */
const stated = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
