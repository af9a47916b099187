import type { RecordUse, Workflow, WorkflowTrigger } from "@/lib/api/model";

/** What starts the runs of a workflow. */
export type StartCause = "schedule" | "webhook" | "failure" | "workflow" | "dashboard" | "manual";

type Started = Pick<Workflow, "id" | "triggers" | "enabled">;
type Handled = Pick<Workflow, "id" | "settings">;

/**
 * Returns what starts a workflow, each cause once. `others` are the tenant's workflows as far as they are known: of those
 * that name it as their error workflow, a failure starts it. `uses` are the records that use it.
 */
export function startCauses(
  { id, triggers }: Started,
  others: readonly Handled[],
  uses: readonly RecordUse[] = [],
): StartCause[] {
  const has = (type: WorkflowTrigger["type"]) => triggers.some((trigger) => trigger.type === type);
  const failing = new Set(
    others.filter(({ settings }) => settings.errorWorkflowID === id).map((other) => other.id),
  );
  const causes: StartCause[] = [];
  if (has("schedule")) causes.push("schedule");
  if (has("webhook")) causes.push("webhook");
  if (failing.size > 0) causes.push("failure");
  if (uses.some((use) => use.kind === "workflow" && !failing.has(use.id))) causes.push("workflow");
  if (uses.some(({ kind }) => kind === "widget" || kind === "dashboard")) causes.push("dashboard");
  return causes.length > 0 ? causes : ["manual"];
}

/** A cron expression and its time zone. */
export interface Schedule {
  cron: string;
  timezone: string;
}

/** Returns the schedules that start runs: none while the workflow is disabled. */
export const schedulesOf = ({ triggers, enabled }: Pick<Workflow, "triggers" | "enabled">): Schedule[] =>
  triggers.flatMap((trigger) =>
    enabled && trigger.type === "schedule" && trigger.enabled !== false
      ? [{ cron: trigger.cron, timezone: trigger.timezone ?? "UTC" }]
      : [],
  );

/** Whether a cause starts no runs at present: the workflow or all its triggers of that type are disabled. */
export function isOff(
  { triggers, enabled }: Pick<Workflow, "triggers" | "enabled">,
  cause: StartCause,
): boolean {
  const own = triggers.filter(({ type }) => type === cause);
  return own.length > 0 && (!enabled || own.every((trigger) => trigger.enabled === false));
}
