import { t } from "@lingui/core/macro";
import type { WorkflowEdge, WorkflowNode } from "@/lib/api/model";
import { isEqual } from "@/lib/schema/merge-patch";
import { handleOf, type Graph } from "./graph";

export type Change = "added" | "removed" | "changed";

export interface GraphDiff {
  /** Both versions in one graph: the current one, with deleted nodes at their old positions. */
  graph: Graph;
  nodes: Map<string, Change>;
  edges: Map<string, Change>;
  /** The changed fields of each changed step: `config`, `name`. */
  fields: Map<string, string[]>;
  /** The steps of the old version. */
  before: ReadonlyMap<string, WorkflowNode>;
}

const compared = [
  "type",
  "name",
  "title",
  "config",
  "parentID",
  "settings",
  "pinnedOutput",
  "notes",
] as const;
const words: Record<(typeof compared)[number], string> = {
  type: t`type`,
  name: t`name`,
  title: t`title`,
  config: t`configuration`,
  parentID: t`loop`,
  settings: t`settings`,
  pinnedOutput: t`pinned output`,
  notes: t`notes`,
};

export const changeWords: Record<Change, string> = {
  added: t`added`,
  removed: t`removed`,
  changed: t`changed`,
};

/** Edges are equal if they connect the same handles, whatever their ids. */
const wayOf = (edge: WorkflowEdge) => `${edge.source} ${handleOf(edge)} ${edge.target}`;

function fieldsOf(before: WorkflowNode, after: WorkflowNode): string[] {
  return compared
    .filter((field) => !isEqual(before[field] ?? null, after[field] ?? null))
    .map((field) => words[field]);
}

/** Compares two graphs; positions do not matter. */
export function diffGraphs(before: Graph, after: Graph): GraphDiff {
  const then = new Map(before.nodes.map((node) => [node.id, node]));
  const now = new Set(after.nodes.map(({ id }) => id));
  const nodes = new Map<string, Change>();
  const fields = new Map<string, string[]>();
  for (const node of after.nodes) {
    const was = then.get(node.id);
    const differs = was ? fieldsOf(was, node) : [];
    if (!was) nodes.set(node.id, "added");
    if (differs.length === 0) continue;
    nodes.set(node.id, "changed");
    fields.set(node.id, differs);
  }
  const all = [...after.nodes];
  for (const node of before.nodes) {
    if (now.has(node.id)) continue;
    nodes.set(node.id, "removed");
    all.push(beside(all, node));
  }
  return { nodes, fields, before: then, ...diffEdges(before, after, all) };
}

const ROOM = { width: 192, height: 64 };

/** Moved below the node that now has its position. */
function beside(others: readonly WorkflowNode[], node: WorkflowNode): WorkflowNode {
  let { y } = node.position;
  const { x } = node.position;
  const taken = () =>
    others.some(
      ({ parentID, position }) =>
        (parentID ?? "") === (node.parentID ?? "") &&
        Math.abs(position.x - x) < ROOM.width &&
        Math.abs(position.y - y) < ROOM.height,
    );
  while (taken()) y += ROOM.height + 8;
  return y === node.position.y ? node : { ...node, position: { x, y } };
}

function diffEdges(before: Graph, after: Graph, nodes: WorkflowNode[]): Pick<GraphDiff, "graph" | "edges"> {
  const then = new Set(before.edges.map(wayOf));
  const now = new Set(after.edges.map(wayOf));
  const edges = new Map<string, Change>();
  for (const edge of after.edges) if (!then.has(wayOf(edge))) edges.set(edge.id, "added");
  // The id may be in use again.
  const gone = before.edges
    .filter((edge) => !now.has(wayOf(edge)))
    .map((edge) => ({ ...edge, id: `removed ${edge.id}` }));
  for (const { id } of gone) edges.set(id, "removed");
  return { graph: { nodes, edges: [...after.edges, ...gone] }, edges };
}
