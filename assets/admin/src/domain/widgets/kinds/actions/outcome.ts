import { plural, t } from "@lingui/core/macro";
import { errorText, runErrorText } from "@/lib/api/texts/error-texts";
import type { DashboardActionResult, QueryResult, Run } from "@/lib/api/model";
import { changedRows, commonChange } from "@/lib/rows/row-changes";
import { isFinal } from "@/lib/flow/run-state";

/** `unchanged`: it ran, but there was nothing to change. */
export type Outcome = { kind: "done" | "unchanged"; message: string } | { kind: "failed"; error: unknown };

export type SequenceResult = Extract<DashboardActionResult, { type: "sequence" }>;

/** Returns the result of a query. A statement that matched no row has not done what was asked, whatever `done` says. */
export function outcomeOf(
  {
    affectedRows,
    rowChange,
    rowCount,
  }: Pick<QueryResult, "affectedRows" | "rowCount"> & Partial<Pick<QueryResult, "rowChange">>,
  done = "",
): Outcome {
  if (affectedRows === 0)
    return {
      kind: "unchanged",
      message: t`No rows changed: no row matches, it was changed in the meantime, or it already has these values.`,
    };
  if (done) return { kind: "done", message: done };
  if (affectedRows === null || affectedRows === undefined)
    return {
      kind: "done",
      message: rowCount ? plural(rowCount, { one: "# row returned.", other: "# rows returned." }) : t`Done.`,
    };
  return { kind: "done", message: changedRows(affectedRows, rowChange) };
}

/** Returns the place of an action in its sequence, from 1. */
const placeOf = (path: string): number => Number(/\.then\[(\d+)\]$/.exec(path)?.[1] ?? -1) + 2;

/**
 * Returns the result of several actions: which one failed, and what was done before it. `labelOf` returns the label of
 * a value at a path of an action.
 */
export function outcomeOfSequence(
  { steps, failed, notStarted }: SequenceResult,
  done = "",
  labelOf: (action: string, path: string) => string | null = () => null,
): Outcome {
  if (!failed) {
    const changed = steps.reduce((sum, { affectedRows }) => sum + (affectedRows ?? 0), 0);
    const changing = steps.filter(({ affectedRows }) => affectedRows);
    const change = commonChange(changing.map(({ rowChange }) => rowChange));
    const usual = changed ? changedRows(changed, change) : t`Done.`;
    return { kind: "done", message: done || usual };
  }
  const position = placeOf(failed.action);
  if (failed.code === "NO_ROWS_CHANGED")
    return {
      kind: "unchanged",
      message: plural(notStarted, {
        one: `Action ${position} changed no rows, so the action after it was not started.`,
        other: `Action ${position} changed no rows, so the # actions after it were not started.`,
      }),
    };
  const reason = errorText(failed.code, failed.message, (path) => labelOf(failed.action, path));
  const before = steps.length;
  const message =
    before === 0
      ? t`Action ${position} failed: ${reason}`
      : plural(before, {
          one: `The first action was completed, but action ${position} failed: ${reason}`,
          other: `The first # actions were completed, but action ${position} failed: ${reason}`,
        });
  return { kind: "failed", error: new Error(message) };
}

/** Returns the result of a workflow that was started; null while it runs. */
export function endOf(run: Run, done: string): Outcome | null {
  if (!isFinal(run.status)) return null;
  if (run.status === "COMPLETED") return { kind: "done", message: done || t`The workflow completed.` };
  return {
    kind: "failed",
    error: new Error(
      run.error
        ? runErrorText(run.error.message)
        : run.status === "CANCELLED"
          ? t`The run was cancelled.`
          : t`The run failed.`,
    ),
  };
}
