import type { WorkflowEdge, WorkflowNode } from "@/lib/api/model";
import { groupBy } from "@/lib/group-by";

/** What the canvas shows: steps and the edges between them. */
export interface Graph {
  nodes: WorkflowNode[];
  edges: WorkflowEdge[];
}

export const START = "start";

/** The source handle of an edge; a step's default output is not stored. */
export const handleOf = (edge: { sourceHandle?: string | null }): string => edge.sourceHandle || "out";

/** Returns what people call a step: its title, or else its name. */
export const titleOf = ({ name, title }: Pick<WorkflowNode, "name" | "title">): string => title || name;

/** Returns what people call each step, by its id. */
export const titlesOf = (nodes: readonly WorkflowNode[]): ReadonlyMap<string, string> =>
  new Map(nodes.map((node) => [node.id, titleOf(node)]));

/** Returns the ids reachable from `nodeID` along the edges, in either direction; without itself, except on a cycle. */
export function reachable(
  edges: readonly Pick<WorkflowEdge, "source" | "target">[],
  nodeID: string,
  direction: "up" | "down",
): Set<string> {
  const [from, to] = direction === "down" ? (["source", "target"] as const) : (["target", "source"] as const);
  const leaving = groupBy(edges, (edge) => edge[from]);
  const found = new Set<string>();
  const open = [nodeID];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const edge of leaving.get(id) ?? []) {
      if (found.has(edge[to])) continue;
      found.add(edge[to]);
      open.push(edge[to]);
    }
  }
  return found;
}
