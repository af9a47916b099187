import type {
  Instance,
  Run,
  RunStatus,
  Step,
  StepEvent,
  StepStatus,
  WorkflowEdge,
  WorkflowNode,
} from "@/lib/api/model";
import { parseJson } from "@/lib/format/exact-json";
import { groupBy } from "@/lib/group-by";
import type { ServerEvent } from "@/lib/http/sse";
import { handleOf, type Graph } from "./graph";
import { isOver, loopProgress } from "./rounds";

/** The state of a run according to its live events. */
export interface RunState {
  status: RunStatus;
  error: Step["error"];
  startedAt: string | null;
  finishedAt: string | null;
  /** By node and iteration, in start order. */
  steps: ReadonlyMap<string, Step>;
}

/** The state of one node of the graph, over all its iterations. */
export interface NodeState {
  status: StepStatus;
  attempt: number;
  /** The number of iterations, and of finished ones. */
  rounds: number;
  done: number;
  /** The number of failed iterations. */
  failed: number;
  durationMs: number | null;
  dueAt: string | null;
}

const finalStatuses: readonly string[] = ["COMPLETED", "FAILED", "CANCELLED"];
export const isFinal = (status: string): boolean => finalStatuses.includes(status);

/** Final statuses. */
export const lastEvents = ["run.completed", "run.failed", "run.cancelled"] as const;

export const emptyRun: RunState = {
  status: "PENDING",
  error: null,
  startedAt: null,
  finishedAt: null,
  steps: new Map(),
};

const runStatus: Record<string, RunStatus> = {
  "run.started": "RUNNING",
  "run.waiting": "WAITING",
  "run.completed": "COMPLETED",
  "run.failed": "FAILED",
  "run.cancelled": "CANCELLED",
};

const stepStatus: Record<string, StepStatus> = {
  "step.started": "RUNNING",
  "step.looping": "RUNNING",
  "step.completed": "COMPLETED",
  "step.failed": "FAILED",
  "step.retrying": "RETRYING",
  "step.waiting": "WAITING",
  "step.skipped": "SKIPPED",
  "step.cancelled": "CANCELLED",
};

export const stepKey = (step: { nodeID: string; iteration?: string | number | null }): string =>
  `${step.nodeID}/${step.iteration ?? ""}`;

function parse(text: string): StepEvent | null {
  try {
    const data = parseJson(text);
    return typeof data === "object" && data !== null ? data : null;
  } catch {
    return null;
  }
}

type RunEvent = Pick<ServerEvent, "event" | "data">;

/** Returns the state after more events; the same object if nothing changed. The steps are copied once for all of them. */
export function reduceEvents(state: RunState, events: readonly RunEvent[]): RunState {
  const steps = new Map(state.steps);
  const next = events.reduce((now, event) => reduceEvent(now, event, steps), state);
  return next === state ? state : { ...next, steps };
}

/** The steps are changed in place. */
function reduceEvent(state: RunState, { event, data: text }: RunEvent, steps: Map<string, Step>): RunState {
  const data = parse(text);
  if (!data) return state;
  const step = stepStatus[event];
  if (step && data.nodeID) {
    const known = { ...data, nodeID: data.nodeID };
    steps.set(stepKey(known), stepAfter(steps.get(stepKey(known)), event, step, known));
    return resumed(state);
  }
  const run = runStatus[event];
  return run ? withRun(state, event, run, data, steps) : state;
}

/** A waiting run is running again as soon as something happens in it. */
const resumed = (state: RunState): RunState => ({
  ...state,
  status: state.status === "WAITING" || state.status === "PENDING" ? "RUNNING" : state.status,
});

function stepAfter(
  before: Step | undefined,
  event: string,
  status: StepStatus,
  data: StepEvent & { nodeID: string },
): Step {
  const at = data.at ?? null;
  const started = event === "step.started";
  return {
    nodeID: data.nodeID,
    name: data.name ?? before?.name ?? data.nodeID,
    type: before?.type ?? "",
    iteration: String(data.iteration ?? ""),
    attempt: data.attempt ?? (started ? (before?.attempt ?? 0) + 1 : (before?.attempt ?? 1)),
    status,
    input: data.input ?? before?.input ?? null,
    output: data.output ?? (started ? null : before?.output) ?? null,
    error: data.error ?? null,
    logs: data.logs ?? before?.logs ?? [],
    startedAt: before?.startedAt ?? (status === "SKIPPED" ? null : at),
    finishedAt: isOver(status) ? at : null,
    dueAt: data.dueAt ?? null,
    task: data.task ?? null,
    childID: data.childID ?? before?.childID ?? null,
    reused: before?.reused ?? false,
    ...itemsOf(data.items ?? before?.items),
    ...omittedOf(data, before, started),
  };
}

/** Updates which large values are omitted: from the event, or unchanged if the event does not mention a value. */
function omittedOf(data: StepEvent, before: Step | undefined, started: boolean) {
  const input = data.input !== undefined || data.inputOmitted ? data : before;
  const output = data.output !== undefined || data.outputOmitted || started ? data : before;
  const logs = data.logs?.length || data.logsOmitted ? data : before;
  return {
    ...(input?.inputOmitted && { inputOmitted: true, inputBytes: input.inputBytes ?? 0 }),
    ...(output?.outputOmitted && { outputOmitted: true, outputBytes: output.outputBytes ?? 0 }),
    ...(logs?.logsOmitted && { logsOmitted: true, logsBytes: logs.logsBytes ?? 0 }),
  };
}

const itemsOf = (items: number | null | undefined) => (typeof items === "number" ? { items } : {});

function withRun(
  state: RunState,
  event: string,
  status: RunStatus,
  data: StepEvent,
  steps: Map<string, Step>,
): RunState {
  const over = isFinal(status);
  const at = data.at ?? null;
  for (const [key, step] of over ? steps : [])
    if (!isOver(step.status))
      steps.set(key, { ...step, status: "CANCELLED", finishedAt: at, dueAt: null, task: null });
  return {
    ...state,
    status,
    error: data.error ?? state.error,
    startedAt: event === "run.started" ? at : state.startedAt,
    finishedAt: over ? at : null,
  };
}

/** Merges the server's record with the events since it was read; only the record has inputs and logs. */
export function mergeSteps(recorded: readonly Step[], live: RunState): Step[] {
  const merged = new Map(recorded.map((step) => [stepKey(step), step]));
  for (const [key, step] of live.steps) {
    const record = merged.get(key);
    if (!record) merged.set(key, step);
    else if (!isOver(record.status))
      merged.set(key, {
        ...record,
        ...step,
        name: record.name,
        type: record.type,
        input: step.input ?? record.input,
        logs: step.logs?.length ? step.logs : record.logs,
      });
  }
  return [...merged.values()];
}

/** Returns the current run: the record, or the state according to the events since. */
export function mergeRun(record: Instance, live: RunState): Run {
  const steps = mergeSteps(record.steps ?? [], live);
  if (isFinal(record.status) || live.status === "PENDING") return { ...record, steps };
  return {
    ...record,
    status: live.status,
    error: live.error ?? record.error,
    startedAt: record.startedAt ?? live.startedAt,
    finishedAt: live.finishedAt,
    steps,
  };
}

/** The most important status if the iterations of a node differ. */
const weight: StepStatus[] = [
  "FAILED",
  "RUNNING",
  "RETRYING",
  "WAITING",
  "CANCELLED",
  "PENDING",
  "COMPLETED",
  "SKIPPED",
];

export function nodeStates(
  steps: readonly Step[],
  nodes: readonly WorkflowNode[] = [],
): Map<string, NodeState> {
  const states = new Map<string, NodeState>();
  const loops = loopProgress(nodes, steps);
  for (const [nodeID, rounds] of groupBy(steps, (step) => step.nodeID)) {
    const heaviest = rounds.reduce((a, b) => (weight.indexOf(b.status) < weight.indexOf(a.status) ? b : a));
    const loop = loops.get(nodeID);
    states.set(nodeID, {
      status: heaviest.status,
      attempt: heaviest.attempt,
      rounds: loop ? (loop.total ?? 0) : rounds.length,
      done: loop?.done ?? rounds.filter(({ status }) => isOver(status)).length,
      failed: loop?.failed ?? rounds.filter(({ status }) => status === "FAILED").length,
      durationMs: spanOf(rounds),
      dueAt: heaviest.dueAt ?? null,
    });
  }
  return states;
}

/** From the first start to the last end; null until all are finished. */
function spanOf(rounds: readonly Step[]): number | null {
  const starts = rounds.flatMap(({ startedAt }) => (startedAt ? [Date.parse(startedAt)] : []));
  const ends = rounds.flatMap(({ finishedAt }) => (finishedAt ? [Date.parse(finishedAt)] : []));
  if (starts.length === 0 || ends.length < rounds.length) return null;
  // Not spread into arguments: a loop may have too many rounds for that.
  return ends.reduce((a, b) => Math.max(a, b)) - starts.reduce((a, b) => Math.min(a, b));
}

export type EdgeFate = "taken" | "dead" | "undecided";

/** Whether a run went along each edge: its source is finished and left through the edge's handle. */
export function edgeFates({ nodes, edges }: Graph, steps: readonly Step[]): Map<string, EdgeFate> {
  const byNode = new Map(steps.map((step) => [step.nodeID, step]));
  const disabled = new Set(
    nodes.filter(({ settings }) => settings?.["disabled"] === true).map(({ id }) => id),
  );
  return new Map(
    edges.map((edge) => [
      edge.id,
      fateOf(edge, byNode.get(edge.source), byNode.get(edge.target), disabled.has(edge.source)),
    ]),
  );
}

function fateOf(
  edge: WorkflowEdge,
  source: Step | undefined,
  target: Step | undefined,
  disabled: boolean,
): EdgeFate {
  if (!source || !isOver(source.status) || source.status === "CANCELLED") return "undecided";
  // A disabled step is passed through; any other skipped step ends its path.
  if (source.status === "SKIPPED" && !disabled) return "dead";
  const handle = handleOf(edge);
  const branch =
    source.output && typeof source.output === "object" && "branch" in source.output
      ? source.output.branch
      : undefined;
  if (source.status === "COMPLETED" && handle === "error") return "dead";
  if (source.status === "COMPLETED" && handle !== "out" && branch !== undefined)
    return branch === handle ? "taken" : "dead";
  if (!target || target.status === "PENDING") return "undecided";
  return target.status === "SKIPPED" ? "dead" : "taken";
}
