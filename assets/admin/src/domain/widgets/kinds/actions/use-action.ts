import { plural, t } from "@lingui/core/macro";
import { useEffect, useRef, useState } from "react";
import { useCan, useMe } from "@/lib/api/me";
import type { JsonObject, QueryResult, Run } from "@/lib/api/model";
import { executeQuery } from "@/lib/api/subjects/data-queries";
import { useExecuteWorkflow, useRun } from "@/lib/api/subjects/runs";
import { isFinal } from "@/lib/flow/run-state";
import { fillValues, unresolvedIn, type Scope } from "@/lib/templates/placeholders";
import { useTenantID } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import { useWidgetActions } from "../host";
import { refusalOf, type Action } from "./action-config";

/** `unchanged`: it ran, but there was nothing to change. */
export type Outcome = { kind: "done" | "unchanged"; message: string } | { kind: "failed"; error: unknown };

interface Started {
  /** The label of the action: "Refund". */
  name: string;
  done: string;
  /** Called on success: a query has changed something, or a workflow has completed. */
  onDone?: () => void;
}

/** Returns the result of a query. A statement that matched no row has not done what was asked, whatever `done` says. */
export function outcomeOf(
  { affectedRows, rowCount }: Pick<QueryResult, "affectedRows" | "rowCount">,
  done = "",
): Outcome {
  if (affectedRows === 0)
    return { kind: "unchanged", message: t`No rows changed: no row matches the values sent.` };
  if (done) return { kind: "done", message: done };
  if (affectedRows === null || affectedRows === undefined)
    return {
      kind: "done",
      message: rowCount ? plural(rowCount, { one: "# row returned.", other: "# rows returned." }) : t`Done.`,
    };
  return { kind: "done", message: plural(affectedRows, { one: "# row changed.", other: "# rows changed." }) };
}

/** Returns what keeps an action from running: placeholders without a value. Nothing is sent then. */
function unfilled(action: Action, scope: Scope): Error | null {
  const open = unresolvedIn(action.values, scope);
  return open.length ? new Error(t`Not sent: ${open.join(", ")} has no value here.`) : null;
}

function endOf(run: Run, done: string): Outcome | null {
  if (!isFinal(run.status)) return null;
  if (run.status === "COMPLETED") return { kind: "done", message: done || t`The workflow completed.` };
  return {
    kind: "failed",
    error: new Error(
      run.error?.message ?? (run.status === "CANCELLED" ? t`The run was cancelled.` : t`The run failed.`),
    ),
  };
}

/**
 * Runs an action, follows a workflow to its end, and shows the result: here, as a notification, and by reloading data.
 */
export function useAction(itemKey: string | undefined) {
  const tenantID = useTenantID();
  const { refresh, act } = useWidgetActions();
  const can = useCan();
  const user = useUserScope();
  const execute = useExecuteWorkflow();
  const [started, setStarted] = useState<Started | null>(null);
  const [settled, setSettled] = useState<Outcome | null>(null);
  const [starting, setStarting] = useState(false);
  const [runID, setRunID] = useState<string>();
  const { run, error: lost } = useRun(runID);
  const ended =
    run && started
      ? endOf(run, started.done)
      : lost
        ? ({ kind: "unchanged", message: t`Workflow started. Its result cannot be shown here.` } as const)
        : null;
  const outcome = settled ?? ended;
  const name = started?.name ?? "";
  const busy = starting || (runID !== undefined && ended === null);
  useWhenEnded(runID, ended, started, refresh);

  const settle = (found: Outcome, words: Started) => {
    setSettled(found);
    announce(found, words);
    refresh();
  };

  const start = async (action: Action, scope: Scope, words: Started): Promise<void> => {
    setStarted(words);
    setRunID(undefined);
    const error = unfilled(action, { ...scope, user });
    setSettled(error && { kind: "failed", error });
    if (error) return;
    setStarting(true);
    const values = fillValues(action.values, { ...scope, user });
    try {
      if (act && itemKey !== undefined && can("dashboard:use")) {
        const { row, form, value } = scope;
        const result = await act(itemKey, { action: action.path, ...stated({ row, form, value }) });
        if (result.type === "workflow") return void setRunID(result.instanceID);
        return void settle(outcomeOf(result, words.done), words);
      }
      if (action.type === "workflow") {
        setRunID((await execute.mutateAsync({ workflowID: action.id, input: values })).instanceID);
        return;
      }
      settle(outcomeOf(await executeQuery(tenantID, action.id, { parameters: values }), words.done), words);
    } catch (failure) {
      setSettled({ kind: "failed", error: failure });
      notify.failed(failure, words.name);
    } finally {
      setStarting(false);
    }
  };
  return { start, busy, outcome, run, runID, name };
}

export type ActionState = ReturnType<typeof useAction>;

/** Shows the result as a notification, and notifies the caller on success. */
function announce(outcome: Outcome, { name, onDone }: Started) {
  if (outcome.kind === "failed") return notify.failed(outcome.error, name);
  if (outcome.kind === "unchanged") return notify.warn(`${name}: ${outcome.message}`);
  notify.done(`${name}: ${outcome.message}`);
  onDone?.();
}

/** Notifies once how a run ended. */
function useWhenEnded(
  runID: string | undefined,
  ended: Outcome | null,
  started: Started | null,
  refresh: () => void,
) {
  const told = useRef<string>(undefined);
  useEffect(() => {
    if (!runID || !ended || !started || told.current === runID) return;
    told.current = runID;
    announce(ended, started);
    refresh();
  }, [runID, ended, started, refresh]);
}

/** Returns why the reader cannot run an action; null if they can, or if no action is configured. */
export function useRefusal(): (action: Action | null) => string | null {
  const can = useCan();
  const { act } = useWidgetActions();
  return (action) => action && refusalOf(action, can, act !== null);
}

/** What `{{ user.x }}` refers to. */
function useUserScope(): JsonObject {
  const user = useMe().data?.user;
  return user ? { id: user.id, email: user.email, name: user.name } : {};
}

/** Returns the fields that have a value: an absent one is not sent. */
const stated = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
