import { applyNodeChanges, type EdgeChange, type NodeChange } from "@xyflow/react";
import { useCallback, useMemo, useRef, useState } from "react";
import {
  drawnSizes,
  toFlowEdges,
  toFlowNodes,
  type StepEdge,
  type StepNode,
} from "@/domain/flow/canvas/flow-model";
import type { NodeType, Problem, WorkflowNode } from "@/lib/api/model";
import type { Graph } from "@/lib/flow/graph";
import { fitted, LOOP, withBodies, type Point } from "@/lib/flow/loops";
import type { ChangeDefinition } from "../editor/use-definition";
import { loopUnder, settle, type Moved } from "../graph/bodies";
import { move } from "../graph/commands";
import type { Definition } from "../graph/definition";
import { makeRoom } from "../graph/room";
import { tellMoved } from "./tell-moved";

const same = <T>(a: readonly T[], b: readonly T[]) =>
  a.length === b.length && a.every((item, index) => item === b[index]);

/** Unchanged nodes keep their object, so that only the others render. */
function adopt(drawn: StepNode[], old: readonly StepNode[]): StepNode[] {
  const before = new Map(old.map((node) => [node.id, node]));
  return drawn.map((node) => {
    const known = before.get(node.id);
    if (!known) return node;
    const { data } = known;
    const equal =
      data.node === node.data.node &&
      data.isEmpty === node.data.isEmpty &&
      data.type === node.data.type &&
      same([...data.used], [...node.data.used]) &&
      same(data.problems, node.data.problems);
    const standing = ({ position, parentId, width, height }: StepNode) => [
      position.x,
      position.y,
      parentId,
      width,
      height,
    ];
    if (equal && same(standing(known), standing(node))) return known;
    const { parentId: _, ...rest } = known;
    return { ...rest, ...node, data: equal ? data : node.data };
  });
}

function toggled(
  selected: ReadonlySet<string>,
  changes: readonly (NodeChange<StepNode> | EdgeChange<StepEdge>)[],
): ReadonlySet<string> {
  const chosen = changes.filter((change) => change.type === "select");
  if (chosen.every((change) => selected.has(change.id) === change.selected)) return selected;
  const next = new Set(selected);
  for (const change of chosen) {
    if (change.selected) next.add(change.id);
    else next.delete(change.id);
  }
  return next;
}

const none: ReadonlySet<string> = new Set();

/** The selected steps and edges. */
export function useSelection({ nodes }: Graph) {
  const [selection, setSelection] = useState({ nodes: none, edges: none });
  const select = useCallback(
    (ids: Iterable<string>) => setSelection({ nodes: new Set(ids), edges: none }),
    [],
  );
  const selected = useMemo(() => nodes.filter(({ id }) => selection.nodes.has(id)), [nodes, selection.nodes]);
  return { selection, setSelection, select, selected };
}

export type Selection = ReturnType<typeof useSelection>;

interface Drawn {
  definition: Definition;
  types: readonly NodeType[];
  problems: readonly Problem[];
  change: ChangeDefinition;
  selection: Selection;
}

/** The view state of the canvas: positions during a drag, and the measured sizes of nodes. */
export function useCanvas({
  definition,
  types,
  problems,
  change,
  selection: { selection, setSelection },
}: Drawn) {
  const drawn = useMemo(() => toFlowNodes(definition, types, problems), [definition, types, problems]);
  const drawnEdges = useMemo(() => toFlowEdges(definition, types), [definition, types]);
  const [seen, setSeen] = useState(drawn);
  const [flowNodes, setFlowNodes] = useState(drawn);
  if (seen !== drawn) {
    setSeen(drawn);
    setFlowNodes(adopt(drawn, flowNodes));
  }

  const { target, moved } = useMoving(definition, types, change);
  const onNodesChange = useCallback(
    (changes: NodeChange<StepNode>[]) => {
      setSelection((old) => {
        const nodes = toggled(old.nodes, changes);
        return nodes === old.nodes ? old : { ...old, nodes };
      });
      const placed = changes.filter(({ type }) => type === "position" || type === "dimensions");
      if (placed.length) setFlowNodes((old) => applyNodeChanges(placed, old));
      moved(changes);
    },
    [moved, setSelection],
  );
  const onEdgesChange = useCallback(
    (changes: EdgeChange<StepEdge>[]) =>
      setSelection((old) => {
        const edges = toggled(old.edges, changes);
        return edges === old.edges ? old : { ...old, edges };
      }),
    [setSelection],
  );

  const nodes = useMemo(
    () =>
      flowNodes.map((node) =>
        selection.nodes.has(node.id) === (node.selected ?? false)
          ? node
          : { ...node, selected: selection.nodes.has(node.id) },
      ),
    [flowNodes, selection.nodes],
  );
  const edges = useMemo(
    () => drawnEdges.map((edge) => (selection.edges.has(edge.id) ? { ...edge, selected: true } : edge)),
    [drawnEdges, selection.edges],
  );
  return { nodes, edges, onNodesChange, onEdgesChange, target };
}

/** Handles the end of a drag; the arrow keys move steps too, but never into a loop. */
function useMoving(definition: Definition, types: readonly NodeType[], change: ChangeDefinition) {
  const [target, setTarget] = useState<string>();
  const dragged = useRef(false);
  const moved = useCallback(
    (changes: NodeChange<StepNode>[]) => {
      const positions = changes.flatMap((one) =>
        one.type === "position" && one.position
          ? [{ id: one.id, at: one.position, dragging: one.dragging === true }]
          : [],
      );
      if (positions.length === 0) return;
      const to = new Map(positions.map(({ id, at }) => [id, at]));
      if (positions.some(({ dragging }) => dragging)) {
        dragged.current = true;
        setTarget(targetOf(definition, types, to));
        return;
      }
      let result: Moved<Definition> | undefined;
      const isDrop = dragged.current;
      dragged.current = false;
      setTarget(undefined);
      change((graph) => {
        const after = move(graph, to);
        if (after === graph || !graph.nodes.some(({ type }) => type === LOOP)) return after;
        const sizesOf = (nodes: readonly WorkflowNode[]) => drawnSizes(nodes, graph.edges, types);
        if (!isDrop)
          return makeRoom(after, fitted(graph), sizesOf, withBodies(graph.nodes, new Set(to.keys())));
        result = settle(graph, to, sizesOf);
        return result.graph;
      }, "move");
      if (result) tellMoved(result);
    },
    [definition, types, change],
  );
  return { target, moved };
}

/** The loop that the dragged step would join, unless it is already in it. */
function targetOf(
  graph: Graph,
  types: readonly NodeType[],
  positions: ReadonlyMap<string, Point>,
): string | undefined {
  const [id] = positions.keys();
  if (id === undefined || !graph.nodes.some(({ type }) => type === LOOP)) return undefined;
  const shown = fitted(graph);
  const placed = {
    ...shown,
    nodes: shown.nodes.map((node) => ({ ...node, position: positions.get(node.id) ?? node.position })),
  };
  const target = loopUnder(
    placed,
    shown,
    drawnSizes(shown.nodes, shown.edges, types),
    id,
    withBodies(shown.nodes, new Set(positions.keys())),
  );
  return target === shown.nodes.find((node) => node.id === id)?.parentID ? undefined : target;
}
