import type { WorkflowTrigger } from "@/lib/api/model";

/** Summarizes a trigger in one line. */
export function summaryOf(trigger: WorkflowTrigger): string {
  return trigger.type === "schedule"
    ? `${trigger.cron} · ${trigger.timezone ?? "UTC"}`
    : (trigger.methods ?? ["POST"]).join(", ");
}
