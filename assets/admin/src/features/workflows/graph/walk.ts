import type { NodeType, WorkflowNode } from "@/lib/api/model";
import { handleOf, reachable, START, type Graph } from "@/lib/flow/graph";
import { handlesOf } from "@/lib/flow/handles";
import { LOOP, loopOf } from "@/lib/flow/loops";

/** Where the next step goes: after a handle, into an edge, or into an empty loop. */
export type Place =
  | { from: { nodeID: string; handle: string } }
  | { edgeID: string }
  | { into: string }
  | Record<string, never>;

const ERROR = "error";

/** Returns the first handle of a step that leads nowhere yet; the one for errors is never meant. */
function freeHandle({ edges }: Graph, node: WorkflowNode, type: NodeType | undefined): string | undefined {
  const used = new Set(edges.filter(({ source }) => source === node.id).map(handleOf));
  return handlesOf(node, type).find(({ id }) => id !== ERROR && !used.has(id))?.id;
}

/**
 * Returns where a step goes that is added after the selected one: into an empty loop, after a free output, or between
 * the step and the one that follows. Without a selection, it goes to the end of the path that begins at the start.
 */
export function placeAfterSelected(
  graph: Graph,
  types: readonly NodeType[],
  selected: WorkflowNode | undefined,
): Place {
  const typeOf = (node: WorkflowNode) => types.find(({ type }) => type === node.type);
  const node = selected ?? lastStep(graph, typeOf);
  if (!node) return {};
  if (node.type === LOOP && selected && !graph.nodes.some(({ parentID }) => parentID === node.id))
    return { into: node.id };
  const handle = freeHandle(graph, node, typeOf(node));
  if (handle !== undefined) return { from: { nodeID: node.id, handle } };
  const edge = graph.edges.find((candidate) => candidate.source === node.id && handleOf(candidate) !== ERROR);
  return edge ? { edgeID: edge.id } : {};
}

function lastStep(graph: Graph, typeOf: (node: WorkflowNode) => NodeType | undefined) {
  const start = graph.nodes.find(({ type }) => type === START);
  if (!start) return undefined;
  const reached = reachable(graph.edges, start.id, "down").add(start.id);
  return graph.nodes.findLast(
    (node) =>
      reached.has(node.id) &&
      loopOf(graph.nodes, node) === undefined &&
      freeHandle(graph, node, typeOf(node)) !== undefined,
  );
}

/** Returns the step before or after another one: along the first edge, or into and out of a loop's body. */
export function neighborOf(graph: Graph, nodeID: string, direction: "next" | "previous"): string | undefined {
  const [from, to] = direction === "next" ? (["source", "target"] as const) : (["target", "source"] as const);
  const edge = graph.edges.find((candidate) => candidate[from] === nodeID);
  if (edge) return edge[to];
  const node = graph.nodes.find(({ id }) => id === nodeID);
  if (!node) return undefined;
  if (direction === "previous") return loopOf(graph.nodes, node);
  return node.type === LOOP
    ? graph.nodes.find(
        ({ id, parentID }) => parentID === nodeID && !graph.edges.some(({ target }) => target === id),
      )?.id
    : undefined;
}

/** Returns the steps whose title, name, type, notes or settings contain a text; those whose name does first. */
export function findSteps(
  { nodes }: Pick<Graph, "nodes">,
  types: readonly NodeType[],
  text: string,
): WorkflowNode[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return nodes.slice();
  const has = (words: string | null | undefined) => words?.toLowerCase().includes(wanted) ?? false;
  const kind = (node: WorkflowNode) => types.find(({ type }) => type === node.type)?.name ?? node.type;
  const rank = (node: WorkflowNode) =>
    has(node.name) || has(node.title)
      ? 0
      : has(kind(node))
        ? 1
        : has(node.notes) || has(Object.values(node.config).map(written).join("\n"))
          ? 2
          : 3;
  return nodes
    .map((node) => ({ node, rank: rank(node) }))
    .filter((found) => found.rank < 3)
    .sort((a, b) => a.rank - b.rank)
    .map(({ node }) => node);
}

const written = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
