import type { WorkflowNode } from "@/lib/api/model";
import type { Graph } from "@/lib/flow/graph";
import {
  bodyProblem,
  fitted,
  inset,
  loopAt,
  loopOf,
  LOOP,
  loopsAround,
  placeOf,
  withBodies,
  type Point,
  type Size,
} from "@/lib/flow/loops";
import { rounded, update } from "./commands";
import { makeRoom, type Sizes } from "./room";

/** The side effects of moving steps into or out of loops. */
export interface Moved<G extends Graph> {
  graph: G;
  /** Connections that would have crossed a loop's boundary and were removed. */
  cut: number;
  /** Why a step was not moved. */
  refused: string | null;
}

const GAP = 56;
/** The point where a step is grabbed: the middle of its head. */
const HEAD = 24;

/** Moves steps that were dropped at absolute positions: a step dropped on a loop becomes part of it. */
export function settle<G extends Graph>(
  graph: G,
  positions: ReadonlyMap<string, Point>,
  sizesOf: Sizes,
): Moved<G> {
  const shown = fitted(graph);
  const sizes = sizesOf(shown.nodes);
  const placed = {
    ...shown,
    nodes: shown.nodes.map((node) =>
      positions.has(node.id) ? { ...node, position: rounded(positions.get(node.id) ?? node.position) } : node,
    ),
  };
  const carried = withBodies(shown.nodes, new Set(positions.keys()));
  const around = loopsAround(shown.nodes);
  let result: Moved<G> = { graph: placed, cut: 0, refused: null };
  for (const id of positions.keys()) {
    if (around.get(id)?.some((loop) => positions.has(loop))) continue;
    const target = loopUnder(placed, shown, sizes, id, carried);
    if (target === around.get(id)?.[0]) continue;
    const refused = bodyProblem(placed.nodes, id, target);
    result = refused ? { ...result, refused } : { ...result, graph: reparented(result.graph, id, target) };
  }
  const kept = result.graph.edges.filter(
    ({ source, target }) =>
      !(carried.has(source) || carried.has(target)) || !crosses(result.graph, source, target),
  );
  const cut = result.graph.edges.length - kept.length;
  return {
    ...result,
    cut,
    graph: makeRoom(fitted(cut ? { ...result.graph, edges: kept } : result.graph), shown, sizesOf, carried),
  };
}

/** Returns the loop that a dragged step would join; `placed` knows its position, `shown` that of everything else. */
export function loopUnder(
  placed: Graph,
  shown: Graph,
  sizes: ReadonlyMap<string, Size>,
  nodeID: string,
  carried: ReadonlySet<string>,
): string | undefined {
  const { x, y } = placeOf(placed.nodes, nodeID);
  return loopAt(shown.nodes, sizes, { x: x + (sizes.get(nodeID)?.width ?? 0) / 2, y: y + HEAD }, carried);
}

/** Moves one step into a loop without dragging, or out of all loops with `undefined`. */
export function moveInto<G extends Graph>(
  graph: G,
  nodeID: string,
  loop: string | undefined,
  sizesOf: Sizes,
): Moved<G> {
  const refused = bodyProblem(graph.nodes, nodeID, loop);
  if (refused) return { graph, cut: 0, refused };
  const shown = fitted(graph);
  const sizes = sizesOf(shown.nodes);
  const place = loop === undefined ? below(shown, sizes, nodeID) : placeInside(shown, sizes, loop);
  const moved = {
    ...shown,
    nodes: shown.nodes.map((node) => (node.id === nodeID ? withLoop(node, loop, place) : node)),
  };
  const edges = moved.edges.filter(
    ({ source, target }) => !(source === nodeID || target === nodeID) || !crosses(moved, source, target),
  );
  return {
    graph: makeRoom(fitted({ ...moved, edges }), shown, sizesOf, withBodies(shown.nodes, new Set([nodeID]))),
    cut: graph.edges.length - edges.length,
    refused: null,
  };
}

/** Returns where the next step of a loop's body goes: right of the last one. */
export function placeInside({ nodes }: Graph, sizes: ReadonlyMap<string, Size>, loop: string): Point {
  const body = nodes.filter((node) => loopOf(nodes, node) === loop);
  const right = ({ id, position }: WorkflowNode) => position.x + (sizes.get(id)?.width ?? 0);
  const last = body.reduce<WorkflowNode | null>(
    (found, node) => (found && right(found) >= right(node) ? found : node),
    null,
  );
  return last ? { x: right(last) + GAP, y: last.position.y } : { x: inset.left, y: inset.top };
}

function below({ nodes }: Graph, sizes: ReadonlyMap<string, Size>, nodeID: string): Point {
  const outer = loopsAround(nodes).get(nodeID)?.at(-1);
  const { x, y } = placeOf(nodes, outer ?? nodeID);
  return { x, y: y + (outer ? (sizes.get(outer)?.height ?? 0) + GAP : 0) };
}

const withLoop = (node: WorkflowNode, loop: string | undefined, position: Point): WorkflowNode => {
  const { parentID: _, ...rest } = node;
  return { ...rest, position: rounded(position), ...(loop === undefined ? {} : { parentID: loop }) };
};

/** Moves a node to another loop, keeping its position on the canvas. */
function reparented<G extends Graph>(graph: G, nodeID: string, loop: string | undefined): G {
  const at = placeOf(graph.nodes, nodeID);
  const corner = loop === undefined ? { x: 0, y: 0 } : placeOf(graph.nodes, loop);
  return update(graph, nodeID, {
    parentID: loop,
    position: rounded({ x: at.x - corner.x, y: at.y - corner.y }),
  });
}

function crosses({ nodes }: Graph, source: string, target: string): boolean {
  const [from, to] = [source, target].map((id) => nodes.find((node) => node.id === id));
  return from !== undefined && to !== undefined && loopOf(nodes, from) !== loopOf(nodes, to);
}

/** Returns the loop that is being edited: the selected one, or the loop of the selected step. */
export function bodyChosen(
  nodes: readonly WorkflowNode[],
  [first, ...others]: readonly WorkflowNode[],
): string | undefined {
  if (!first || others.length) return undefined;
  return first.type === LOOP ? first.id : loopOf(nodes, first);
}
