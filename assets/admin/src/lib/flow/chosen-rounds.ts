import type { Step, WorkflowNode } from "@/lib/api/model";
import { LOOP, loopsAround } from "./loops";
import { itemCount } from "./rounds";
import { nodeStates, type NodeState } from "./run-state";

/** The one round of each loop that is looked at; of loops that are not in it all rounds are. */
export type Chosen = ReadonlyMap<string, number>;

/** The rounds of a loop that can be chosen: those of the chosen rounds around it. */
export interface Rounds {
  /** How many items there are; null as long as that is not known. */
  total: number | null;
  /** Those that are told, by their item's index. */
  told: readonly number[];
  failed: readonly number[];
  /** The one that is looked at; null for all. */
  chosen: number | null;
}

type Nodes = readonly WorkflowNode[];
type Place = Pick<Step, "nodeID" | "iteration">;

/** How the address says it: `each:3`. */
export const chosenToText = (chosen: Chosen): string[] => [...chosen].map(([loop, index]) => `${loop}:${index}`);

export function chosenFromText(values: readonly string[]): Chosen {
  return new Map(
    values.flatMap((value) => {
      const [, loop, index] = /^(.+):(\d{1,6})$/s.exec(value) ?? [];
      return loop === undefined ? [] : [[loop, Number(index)] as const];
    }),
  );
}

/** Which round of each loop around it a step is of, the innermost loop first. */
function roundsAround(around: ReadonlyMap<string, string[]>, { nodeID, iteration }: Place): (readonly [loop: string, index: number])[] {
  const items = iteration ? iteration.split("/").map(Number) : [];
  return (around.get(nodeID) ?? []).flatMap((loop, depth) => {
    const index = items[items.length - 1 - depth];
    return index === undefined ? [] : [[loop, index] as const];
  });
}

/** The steps of the chosen rounds, and those outside them. */
export function stepsIn(nodes: Nodes, steps: readonly Step[], chosen: Chosen): readonly Step[] {
  if (chosen.size === 0) return steps;
  const around = loopsAround(nodes);
  return steps.filter((step) => roundsAround(around, step).every(([loop, index]) => (chosen.get(loop) ?? index) === index));
}

const without = (chosen: Chosen, loop: string): Chosen => new Map([...chosen].filter(([id]) => id !== loop));

/** What each node shows in the chosen rounds; a loop's own frame goes on to tell of all its rounds. */
export function statesIn(nodes: Nodes, steps: readonly Step[], chosen: Chosen): Map<string, NodeState> {
  const states = nodeStates(stepsIn(nodes, steps, chosen), nodes);
  for (const loop of chosen.keys()) {
    const whole = nodeStates(stepsIn(nodes, steps, without(chosen, loop)), nodes).get(loop);
    if (whole) states.set(loop, whole);
  }
  return states;
}

/** The loops whose rounds can be told apart: those outside all others, and those in a chosen round. What was wished for and is not there is left out. */
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
    found.set(id, { total: own ? itemCount(own) : null, told: sorted(told), failed: sorted(failed), chosen: choice });
  }
  return found;
}

const sorted = (indices: ReadonlySet<number>) => [...indices].sort((a, b) => a - b);

export const chosenOf = (rounds: ReadonlyMap<string, Rounds>): Chosen => new Map([...rounds].flatMap(([loop, { chosen }]) => (chosen === null ? [] : [[loop, chosen] as const])));

/** Looks at another round of a loop, or at all; which round of the loops in it was looked at is forgotten. */
export function choose(nodes: Nodes, chosen: Chosen, loop: string, index: number | null): Chosen {
  const around = loopsAround(nodes);
  const rest = new Map([...chosen].filter(([id]) => id !== loop && !around.get(id)?.includes(loop)));
  return index === null ? rest : rest.set(loop, index);
}

/** Goes along with a step that is looked at: where one round of a loop is shown, that is the step's. */
export function chooseFor(nodes: Nodes, chosen: Chosen, step: Place): Chosen {
  const own = roundsAround(loopsAround(nodes), step).filter(([loop]) => chosen.has(loop));
  return own.reduceRight((all, [loop, index]) => (all.get(loop) === index ? all : choose(nodes, all, loop, index)), chosen);
}

/** What to look at in a round: the step of it that was looked at in another, or what failed, or what comes first. */
export function stepToShow(nodes: Nodes, steps: readonly Step[], chosen: Chosen, loop: string, before: Step | undefined): Step | undefined {
  const around = loopsAround(nodes);
  const inside = stepsIn(nodes, steps, chosen).filter(({ nodeID }) => around.get(nodeID)?.includes(loop));
  return inside.find(({ nodeID }) => nodeID === before?.nodeID) ?? inside.find(({ status }) => status === "FAILED") ?? inside[0];
}

/** The next of these after `from`, round and round. */
export const nextOf = (indices: readonly number[], from: number | null): number | undefined => indices.find((index) => from === null || index > from) ?? indices[0];
