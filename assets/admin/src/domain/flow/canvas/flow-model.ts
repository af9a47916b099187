import { t } from "@lingui/core/macro";
import type { Edge, Node } from "@xyflow/react";
import type { NodeType, Problem, WorkflowEdge, WorkflowNode } from "@/lib/api/model";
import { handleOf, titleOf, titlesOf, type Graph } from "@/lib/flow/graph";
import { drawnHandles, type FlowHandle } from "@/lib/flow/handles";
import { fitted, LOOP, loopsAround, placesOf, sizesOf, type Size } from "@/lib/flow/loops";
import { groupBy } from "@/lib/group-by";
import { lanesOf } from "./edge-lanes";

export interface StepData extends Record<string, unknown> {
  node: WorkflowNode;
  type: NodeType | undefined;
  handles: FlowHandle[];
  /** The source handles of a node. */
  used: ReadonlySet<string>;
  hasInput: boolean;
  /** Whether it is an empty loop. */
  isEmpty: boolean;
  problems: readonly Problem[];
}

export type StepNode = Node<StepData, "step" | "loop">;
/** An edge passes the steps in its way at the height of its lane. */
export type StepEdge = Edge<{ lane?: number }, "step">;

export const NODE_WIDTH = 192;
const HEAD = 48;
const ROW = 24;

/** Returns the size of a node: its head, and a line for each handle if there are several. */
export const nodeHeight = (handles: number): number => (handles > 1 ? HEAD + 4 + handles * ROW : HEAD);

/** The rendered sizes of the nodes. */
export function drawnSizes(
  nodes: readonly WorkflowNode[],
  edges: Graph["edges"],
  types: readonly NodeType[],
): Map<string, Size> {
  const byType = new Map(types.map((type) => [type.type, type]));
  const leaving = groupBy(edges, ({ source }) => source);
  return sizesOf(nodes, (node) => ({
    width: NODE_WIDTH,
    height: nodeHeight(drawnHandles(node, byType.get(node.type), leaving.get(node.id) ?? []).length),
  }));
}

export function toFlowNodes(
  graph: Graph,
  types: readonly NodeType[],
  problems: readonly Problem[] = [],
): StepNode[] {
  const { nodes, edges } = fitted(graph);
  const byType = new Map(types.map((type) => [type.type, type]));
  const byNode = groupBy(problems, ({ nodeID }) => nodeID ?? "");
  const leaving = groupBy(edges, ({ source }) => source);
  const around = loopsAround(nodes);
  const bodies = groupBy(nodes, ({ id }) => around.get(id)?.[0]);
  const sizes = drawnSizes(nodes, edges, types);
  const titles = titlesOf(nodes);
  const drawn = nodes.map((node): StepNode => {
    const type = byType.get(node.type);
    const own = leaving.get(node.id) ?? [];
    const handles = drawnHandles(node, type, own);
    const loop = around.get(node.id)?.[0];
    const size = sizes.get(node.id) ?? { width: NODE_WIDTH, height: HEAD };
    return {
      id: node.id,
      type: node.type === LOOP ? "loop" : "step",
      position: node.position,
      ...(node.type === LOOP ? size : { initialWidth: size.width, initialHeight: size.height }),
      ...(loop === undefined ? {} : { parentId: loop }),
      deletable: node.type !== "start",
      data: {
        node,
        type,
        handles,
        used: new Set(own.map(handleOf)),
        hasInput: node.type !== "start",
        isEmpty: node.type === LOOP && !bodies.has(node.id),
        problems: byNode.get(node.id) ?? [],
      },
      ariaLabel:
        loop === undefined
          ? t`${type?.name ?? node.type} step ${titleOf(node)}`
          : t`${type?.name ?? node.type} step ${titleOf(node)} in ${titles.get(loop) ?? loop}`,
    };
  });
  // The canvas requires a loop before its contents.
  const depth = ({ id }: StepNode) => around.get(id)?.length ?? 0;
  return drawn.some(depth) ? drawn.sort((a, b) => depth(a) - depth(b)) : drawn;
}

export function toFlowEdges(graph: Graph, types: readonly NodeType[]): StepEdge[] {
  const { nodes, edges } = fitted(graph);
  const titles = titlesOf(nodes);
  const lanes = drawnLanes({ nodes, edges }, types);
  return edges.map((edge) => ({
    id: edge.id,
    type: "step",
    source: edge.source,
    sourceHandle: handleOf(edge),
    target: edge.target,
    ...(lanes.has(edge.id) ? { data: { lane: lanes.get(edge.id) ?? 0 } } : {}),
    ariaLabel: t`From ${titles.get(edge.source) ?? edge.source} to ${titles.get(edge.target) ?? edge.target}`,
  }));
}

/** Returns the lanes of the edges that would otherwise run through steps. */
function drawnLanes({ nodes, edges }: Graph, types: readonly NodeType[]): Map<string, number> {
  const byType = new Map(types.map((type) => [type.type, type]));
  const byID = new Map(nodes.map((node) => [node.id, node]));
  const leaving = groupBy(edges, ({ source }) => source);
  const sizes = drawnSizes(nodes, edges, types);
  const around = loopsAround(nodes);
  const rects = new Map(
    [...placesOf(nodes)].map(([id, place]) => [
      id,
      { ...place, ...(sizes.get(id) ?? { width: NODE_WIDTH, height: HEAD }) },
    ]),
  );
  const rowOf = (edge: WorkflowEdge) => {
    const node = byID.get(edge.source);
    if (!node || node.type === LOOP) return HEAD / 2;
    const handles = drawnHandles(node, byType.get(node.type), leaving.get(node.id) ?? []);
    const index = handles.findIndex(({ id }) => id === handleOf(edge));
    return handles.length > 1 && index >= 0 ? HEAD + 4 + ROW * (index + 0.5) : HEAD / 2;
  };
  return lanesOf(
    edges,
    rects,
    (edge, { x, y, width }) => ({ x: x + width, y: y + rowOf(edge) }),
    (id) => around.get(id)?.[0] ?? "",
  );
}
