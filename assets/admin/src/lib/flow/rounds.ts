import type { Step, StepStatus, WorkflowNode } from "@/lib/api/model";
import { groupBy } from "@/lib/group-by";
import { LOOP, loopsAround } from "./loops";

/** The progress of a loop: all its iterations, in all iterations of the loops around it. */
export interface Progress {
  /** The number of items; null while unknown. */
  total: number | null;
  done: number;
  failed: number;
}

const overStatuses: readonly StepStatus[] = ["COMPLETED", "FAILED", "CANCELLED", "SKIPPED"];

export const isOver = (status: StepStatus): boolean => overStatuses.includes(status);

/** Returns the number of items of a loop's step: from its event, or from its input. */
export function itemCount({ items, input }: Pick<Step, "items" | "input">): number | null {
  if (items !== undefined) return items;
  const given = typeof input === "object" && input !== null && "items" in input ? input.items : undefined;
  if (Array.isArray(given)) return given.length;
  if (typeof given === "number") return given;
  return typeof given === "object" && given !== null ? Object.keys(given).length : null;
}

/**
 * Returns the progress of every loop that has started. An iteration is finished when every step of the body is, or when
 * one has failed and none is open.
 */
export function loopProgress(nodes: readonly WorkflowNode[], steps: readonly Step[]): Map<string, Progress> {
  const around = loopsAround(nodes);
  const bodies = groupBy(nodes, ({ id }) => around.get(id)?.[0]);
  const byNode = groupBy(steps, ({ nodeID }) => nodeID);
  const progress = new Map<string, Progress>();
  for (const { id, type } of nodes) {
    const own = byNode.get(id);
    if (type !== LOOP || !own) continue;
    const body = bodies.get(id) ?? [];
    const rounds = groupBy(
      body.flatMap((node) => byNode.get(node.id) ?? []),
      ({ iteration }) => iteration,
    );
    const ends = [...rounds.values()].map((round) => endOf(round, body.length));
    const counts = own.map(itemCount);
    const total = counts.includes(null) ? null : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
    // Long loops do not list every iteration.
    const whole = total !== null && own.every(({ status }) => status === "COMPLETED");
    progress.set(id, {
      total,
      done: whole ? total : ends.filter(Boolean).length,
      failed: ends.filter((end) => end === "failed").length,
    });
  }
  return progress;
}

function endOf(round: readonly Step[], body: number): "done" | "failed" | null {
  if (!round.every(({ status }) => isOver(status))) return null;
  if (round.some(({ status }) => status === "FAILED")) return "failed";
  return round.length >= body ? "done" : null;
}

/** One line of a run's list of steps. */
export type Line =
  | { kind: "step"; step: Step; depth: number }
  /** An iteration of a loop, collapsed or expanded. */
  | {
      kind: "round";
      key: string;
      loop: string;
      iteration: string;
      index: number;
      status: StepStatus;
      steps: readonly Step[];
      depth: number;
      open: boolean;
    };

/** The most important status if the steps of an iteration differ. */
const weight: StepStatus[] = [
  "FAILED",
  "WAITING",
  "RETRYING",
  "RUNNING",
  "CANCELLED",
  "PENDING",
  "COMPLETED",
  "SKIPPED",
];

const heaviest = (statuses: readonly StepStatus[]): StepStatus =>
  statuses.reduce((a, b) => (weight.indexOf(b) < weight.indexOf(a) ? b : a), "SKIPPED");

/** The key of an iteration: its loop, and the item index of each loop around it. */
export const roundKey = (loop: string, iteration: string) => `${loop} ${iteration}`;

/** Returns the steps as lines: each loop followed by its iterations, each expanded iteration by its steps. */
export function linesOf(
  nodes: readonly WorkflowNode[],
  steps: readonly Step[],
  isOpen: (key: string, index: number) => boolean,
): Line[] {
  const around = loopsAround(nodes);
  const rounds = groupBy(steps, ({ nodeID, iteration }) =>
    iteration ? roundKey(around.get(nodeID)?.[0] ?? "", iteration) : "",
  );
  const known = new Set(steps.map(({ nodeID, iteration }) => `${nodeID} ${iteration}`));
  /** The iterations of each loop in each iteration around it. */
  const ofLoop = groupBy([...rounds.keys()].filter(Boolean), (key) => {
    const [loop = "", iteration = ""] = key.split(" ");
    return roundKey(loop, iteration.split("/").slice(0, -1).join("/"));
  });
  const lines: Line[] = [];
  const tell = (members: readonly Step[], depth: number) => {
    for (const step of members) {
      lines.push({ kind: "step", step, depth });
      for (const key of sorted(ofLoop.get(roundKey(step.nodeID, step.iteration)) ?? []))
        tellRound(key, depth + 1);
    }
  };
  const tellRound = (key: string, depth: number) => {
    const members = rounds.get(key) ?? [];
    const index = indexOf(key);
    const open = isOpen(key, index);
    const status = heaviest(members.map((step) => step.status));
    const [loop = "", iteration = ""] = key.split(" ");
    lines.push({ kind: "round", key, loop, iteration, index, status, steps: members, depth, open });
    if (open) tell(members, depth + 1);
  };
  tell(rounds.get("") ?? [], 0);
  // An iteration whose loop is missing, as after truncation, is listed separately.
  for (const [owner, keys] of ofLoop)
    if (!known.has(owner)) for (const key of sorted(keys)) tellRound(key, 0);
  return lines;
}

/** Returns the iterations that contain a step, so that they can be expanded. */
export function roundsOf(
  nodes: readonly WorkflowNode[],
  { nodeID, iteration }: Pick<Step, "nodeID" | "iteration">,
): string[] {
  const items = iteration ? iteration.split("/") : [];
  const loops = loopsAround(nodes).get(nodeID) ?? [];
  return items.map((_, depth) =>
    roundKey(loops[items.length - 1 - depth] ?? "", items.slice(0, depth + 1).join("/")),
  );
}

/** Labels an item of a loop: the value itself, or its first field with a printable value. */
export function itemName(item: unknown): string {
  if (typeof item === "object" && item !== null && !Array.isArray(item)) {
    const fields: Record<string, unknown> = { ...item };
    const telling = ["name", "title", "label", "email", "key", "id"]
      .map((key) => fields[key])
      .find((value) => typeof value === "string" || typeof value === "number");
    return telling === undefined ? "" : String(telling).slice(0, 60);
  }
  return typeof item === "string" || typeof item === "number" || typeof item === "boolean"
    ? String(item).slice(0, 60)
    : "";
}

/** Returns the indexes of an iteration for people, who count from 1: "0/2" → "1/3". */
export const countedFromOne = (iteration: string): string =>
  iteration
    .split("/")
    .map((index) => String(Number(index) + 1))
    .join("/");

const indexOf = (key: string) => Number(key.slice(Math.max(key.lastIndexOf("/"), key.lastIndexOf(" ")) + 1));
const sorted = (keys: readonly string[]) => [...keys].sort((a, b) => indexOf(a) - indexOf(b));
