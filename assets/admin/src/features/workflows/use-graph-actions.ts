import { useReactFlow, type Connection } from "@xyflow/react";
import { useCallback, useMemo, useState } from "react";
import type { NodeType } from "@/lib/api/model";
import { handlesOf } from "@/lib/flow/handles";
import { whole } from "@/ui/flow/flow-canvas";
import { nodeHeight, NODE_WIDTH, type StepEdge, type StepNode } from "@/ui/flow/flow-model";
import { addNode, canConnect, connect, insertOnEdge, move, paste, remove, type Point } from "./commands";
import type { Graph } from "@/lib/flow/graph";
import { layout } from "./layout";
import type { Canvas } from "./use-canvas";
import type { Change, DefinitionEditor } from "./use-definition";

/** What a step is added for, and where its menu opens. */
export type Adding = { at: Point; from?: { nodeID: string; handle: string }; edgeID?: string; position?: Point };

const GAP = 56;

const connectionOf = ({ source, sourceHandle, target }: Connection | StepEdge) => ({ source, handle: sourceHandle || "out", target });

/** Where a step stands free that comes after another one's handle. */
function placeAfter({ nodes, edges }: Graph, nodeID: string): Point {
  const before = nodes.find(({ id }) => id === nodeID);
  if (!before) return { x: 0, y: 0 };
  const followers = edges.filter(({ source }) => source === nodeID).map(({ target }) => nodes.find(({ id }) => id === target)?.position.y ?? 0);
  const x = before.position.x + NODE_WIDTH + GAP;
  let y = followers.length ? Math.max(...followers) + 96 : before.position.y;
  const taken = (at: number) => nodes.some(({ position }) => Math.abs(position.x - x) < NODE_WIDTH && Math.abs(position.y - at) < 72);
  while (taken(y)) y += 96;
  return { x, y };
}

/** Everything that can be done to the graph, as the canvas and its menus call it. */
export function useGraphActions({ definition, change }: DefinitionEditor, { select }: Canvas, types: readonly NodeType[]) {
  const flow = useReactFlow<StepNode, StepEdge>();
  const [adding, setAdding] = useState<Adding | null>(null);
  const middle = useCallback((): Point => {
    const frame = document.querySelector(".react-flow")?.getBoundingClientRect();
    const at = flow.screenToFlowPosition({ x: (frame?.left ?? 0) + (frame?.width ?? 0) / 2, y: (frame?.top ?? 0) + (frame?.height ?? 0) / 2 });
    return { x: at.x - NODE_WIDTH / 2, y: at.y - 24 };
  }, [flow]);

  const reveal = useReveal();

  const add = useCallback(
    (type: NodeType, { from, edgeID, position }: Partial<Adding> = {}) => {
      let added = "";
      change((before) => {
        const edge = before.edges.find(({ id }) => id === edgeID);
        const place = position ?? (from ? placeAfter(before, from.nodeID) : edge ? placeAfter(before, edge.source) : middle());
        const fresh = addNode(before, type, place);
        const way = handlesOf(fresh.node, type)[0]?.id;
        const { graph, node } = edgeID ? insertOnEdge(before, edgeID, type, place, way) : fresh;
        added = node.id;
        return from ? connect(graph, { source: from.nodeID, handle: from.handle, target: node.id }) : graph;
      });
      setAdding(null);
      if (!added) return;
      select([added]);
      reveal(added);
    },
    [change, middle, select, reveal],
  );

  const tidy = useTidy(change, types);
  const show = useCallback(
    (nodeID: string) => {
      select([nodeID]);
      void flow.fitView({ nodes: [{ id: nodeID }], maxZoom: 1, padding: 1, duration: 160 });
    },
    [select, flow],
  );

  return {
    adding,
    setAdding,
    add,
    tidy,
    show,
    middle,
    paste: usePaste(change, select),
    connect: useCallback((connection: Connection) => change((graph) => connect(graph, connectionOf(connection))), [change]),
    isValid: useCallback((connection: Connection | StepEdge) => canConnect(definition, connectionOf(connection)), [definition]),
    remove: useCallback((nodeIDs: Iterable<string>, edgeIDs: Iterable<string> = []) => change((graph) => remove(graph, new Set(nodeIDs), new Set(edgeIDs))), [change]),
  };
}

export type GraphActions = ReturnType<typeof useGraphActions>;

/** Lays all steps out anew and shows them. */
function useTidy(change: Change, types: readonly NodeType[]) {
  const flow = useReactFlow<StepNode, StepEdge>();
  const byType = useMemo(() => new Map(types.map((type) => [type.type, type])), [types]);
  return useCallback(() => {
    change((graph) => {
      const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
      const handles = (id: string) => {
        const node = nodes.get(id);
        return node ? handlesOf(node, byType.get(node.type)) : [];
      };
      const sizeOf = (id: string) => ({ width: NODE_WIDTH, height: nodeHeight(handles(id).length) });
      return move(graph, layout(graph, sizeOf, (id, handle) => handles(id).findIndex((candidate) => candidate.id === handle)));
    });
    // The canvas draws the new places first.
    setTimeout(() => void flow.fitView({ ...whole, duration: 160 }), 50);
  }, [change, byType, flow]);
}

/** Pans to a step that has just been added beyond the edge of the canvas. */
function useReveal() {
  const flow = useReactFlow<StepNode, StepEdge>();
  return useCallback(
    (nodeID: string) =>
      // The canvas draws it first.
      void setTimeout(() => {
        const node = flow.getNode(nodeID);
        const frame = document.querySelector(".react-flow")?.getBoundingClientRect();
        if (!node || !frame) return;
        const { x, y } = flow.flowToScreenPosition(node.position);
        const zoom = flow.getZoom();
        const inside = x > frame.left && y > frame.top && x + NODE_WIDTH * zoom < frame.right && y + 64 * zoom < frame.bottom;
        if (!inside) void flow.setCenter(node.position.x + NODE_WIDTH / 2, node.position.y + 24, { zoom, duration: 160 });
      }, 50),
    [flow],
  );
}

/** Adds copied steps and chooses them. */
function usePaste(change: Change, select: Canvas["select"]) {
  return useCallback(
    (piece: Graph, at: Point | { by: number }) => {
      let ids: Iterable<string> = [];
      change((before) => {
        const pasted = paste(before, piece, at);
        ids = pasted.ids;
        return pasted.graph;
      });
      select(ids);
    },
    [change, select],
  );
}
