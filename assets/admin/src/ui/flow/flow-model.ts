import type { Edge, Node } from "@xyflow/react";
import type { NodeType, Problem, WorkflowNode } from "@/lib/api/model";
import { handleOf, type Graph } from "@/lib/flow/graph";
import { drawnHandles, type FlowHandle } from "@/lib/flow/handles";
import { groupBy } from "@/lib/group-by";

export interface StepData extends Record<string, unknown> {
  node: WorkflowNode;
  type: NodeType | undefined;
  handles: FlowHandle[];
  /** Handles that an edge leaves through. */
  used: ReadonlySet<string>;
  hasInput: boolean;
  problems: readonly Problem[];
}

export type StepNode = Node<StepData, "step">;
export type StepEdge = Edge<Record<string, never>, "step">;

export const NODE_WIDTH = 192;
const HEAD = 48;
const ROW = 24;

/** How much room a node takes: its head, and a line for each handle when there are several. */
export const nodeHeight = (handles: number): number => (handles > 1 ? HEAD + 4 + handles * ROW : HEAD);

export function toFlowNodes({ nodes, edges }: Graph, types: readonly NodeType[], problems: readonly Problem[] = []): StepNode[] {
  const byType = new Map(types.map((type) => [type.type, type]));
  const byNode = groupBy(problems, ({ nodeID }) => nodeID ?? "");
  const leaving = groupBy(edges, ({ source }) => source);
  return nodes.map((node) => {
    const type = byType.get(node.type);
    const own = leaving.get(node.id) ?? [];
    const handles = drawnHandles(node, type, own);
    return {
      id: node.id,
      type: "step",
      position: node.position,
      initialWidth: NODE_WIDTH,
      initialHeight: nodeHeight(handles.length),
      deletable: node.type !== "start",
      data: { node, type, handles, used: new Set(own.map(handleOf)), hasInput: node.type !== "start", problems: byNode.get(node.id) ?? [] },
      ariaLabel: `${type?.name ?? node.type} step ${node.name}`,
    };
  });
}

export function toFlowEdges({ nodes, edges }: Graph): StepEdge[] {
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  return edges.map((edge) => ({
    id: edge.id,
    type: "step",
    source: edge.source,
    sourceHandle: handleOf(edge),
    target: edge.target,
    ariaLabel: `From ${names.get(edge.source) ?? edge.source} to ${names.get(edge.target) ?? edge.target}`,
  }));
}
