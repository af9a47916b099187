import type { Step, WorkflowNode } from "@/lib/api/model";
import { LOOP, loopsAround } from "./loops";
import { itemCount } from "./rounds";
import { nodeStates, type NodeState } from "./run-state";

/** The selected iteration of loops, by loop; loops that are not in it show all iterations. */
export type Chosen = ReadonlyMap<string, number>;

/** The iterations of a loop that can be selected: those in the selected iterations of the loops around it. */
export interface Rounds {
  /** The number of items; null while unknown. */
  total: number | null;
  /** The listed iterations, by item index. */
  told: readonly number[];
  failed: readonly number[];
  /** The selected one; null for all. */
  chosen: number | null;
}

type Nodes = readonly WorkflowNode[];
type Place = Pick<Step, "nodeID" | "iteration">;

/** Formats a selection for the URL: `each:3`. */
export const chosenToText = (chosen: Chosen): string[] =>
  [...chosen].map(([loop, index]) => `${loop}:${index}`);

export function chosenFromText(values: readonly string[]): Chosen {
  return new Map(
    values.flatMap((value) => {
      const [, loop, index] = /^(.+):(\d{1,6})$/s.exec(value) ?? [];
      return loop === undefined ? [] : [[loop, Number(index)] as const];
    }),
  );
}

/** Returns a step's iteration in each loop around it, the innermost first. */
function roundsAround(
  around: ReadonlyMap<string, string[]>,
  { nodeID, iteration }: Place,
): (readonly [loop: string, index: number])[] {
  const items = iteration ? iteration.split("/").map(Number) : [];
  return (around.get(nodeID) ?? []).flatMap((loop, depth) => {
    const index = items[items.length - 1 - depth];
    return index === undefined ? [] : [[loop, index] as const];
  });
}

/** Returns the steps of the selected iterations, and those outside of loops. */
export function stepsIn(nodes: Nodes, steps: readonly Step[], chosen: Chosen): readonly Step[] {
  if (chosen.size === 0) return steps;
  const around = loopsAround(nodes);
  return steps.filter((step) =>
    roundsAround(around, step).every(([loop, index]) => (chosen.get(loop) ?? index) === index),
  );
}

const without = (chosen: Chosen, loop: string): Chosen => new Map([...chosen].filter(([id]) => id !== loop));

/** Returns the state of each node in the selected iterations; a loop's own frame still shows all of its iterations. */
export function statesIn(nodes: Nodes, steps: readonly Step[], chosen: Chosen): Map<string, NodeState> {
  const states = nodeStates(stepsIn(nodes, steps, chosen), nodes);
  for (const loop of chosen.keys()) {
    const whole = nodeStates(stepsIn(nodes, steps, without(chosen, loop)), nodes).get(loop);
    if (whole) states.set(loop, whole);
  }
  return states;
}

/**
 * Returns the loops whose iterations can be selected: the outermost ones, and those in a selected iteration. Selections
 * that do not exist are dropped.
 */
export function roundsToChoose(nodes: Nodes, steps: readonly Step[], wished: Chosen): Map<string, Rounds> {
  const around = loopsAround(nodes);
  const depth = ({ id }: WorkflowNode) => around.get(id)?.length ?? 0;
  const loops = nodes.filter(({ type }) => type === LOOP).sort((a, b) => depth(a) - depth(b));
  const found = new Map<string, Rounds>();
  let chosen: Chosen = new Map();
  for (const { id } of loops) {
    if (around.get(id)?.some((loop) => !chosen.has(loop))) continue;
    const here = stepsIn(nodes, steps, chosen);
    const told = new Set<number>();
    const failed = new Set<number>();
    for (const step of here) {
      const round = roundsAround(around, step).find(([loop]) => loop === id);
      if (!round) continue;
      told.add(round[1]);
      if (step.status === "FAILED") failed.add(round[1]);
    }
    const own = here.find(({ nodeID }) => nodeID === id);
    if (told.size === 0) continue;
    const wish = wished.get(id);
    const choice = wish !== undefined && told.has(wish) ? wish : null;
    if (choice !== null) chosen = new Map(chosen).set(id, choice);
    found.set(id, {
      total: own ? itemCount(own) : null,
      told: sorted(told),
      failed: sorted(failed),
      chosen: choice,
    });
  }
  return found;
}

const sorted = (indices: ReadonlySet<number>) => [...indices].sort((a, b) => a - b);

export const chosenOf = (rounds: ReadonlyMap<string, Rounds>): Chosen =>
  new Map([...rounds].flatMap(([loop, { chosen }]) => (chosen === null ? [] : [[loop, chosen] as const])));

/** Selects another iteration of a loop, or all of them; selections in its inner loops are dropped. */
export function choose(nodes: Nodes, chosen: Chosen, loop: string, index: number | null): Chosen {
  const around = loopsAround(nodes);
  const rest = new Map([...chosen].filter(([id]) => id !== loop && !around.get(id)?.includes(loop)));
  return index === null ? rest : rest.set(loop, index);
}

/** Follows a selected step: where one iteration of a loop is shown, selects the step's. */
export function chooseFor(nodes: Nodes, chosen: Chosen, step: Place): Chosen {
  const own = roundsAround(loopsAround(nodes), step).filter(([loop]) => chosen.has(loop));
  return own.reduceRight(
    (all, [loop, index]) => (all.get(loop) === index ? all : choose(nodes, all, loop, index)),
    chosen,
  );
}

/** Returns the step to select in an iteration: the one that was selected in another, or a failure, or the first. */
export function stepToShow(
  nodes: Nodes,
  steps: readonly Step[],
  chosen: Chosen,
  loop: string,
  before: Step | undefined,
): Step | undefined {
  const around = loopsAround(nodes);
  const inside = stepsIn(nodes, steps, chosen).filter(({ nodeID }) => around.get(nodeID)?.includes(loop));
  return (
    inside.find(({ nodeID }) => nodeID === before?.nodeID) ??
    inside.find(({ status }) => status === "FAILED") ??
    inside[0]
  );
}

/** Returns the next index after `from`, wrapping around. */
export const nextOf = (indices: readonly number[], from: number | null): number | undefined =>
  indices.find((index) => from === null || index > from) ?? indices[0];
