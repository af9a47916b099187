import { applyNodeChanges, type EdgeChange, type NodeChange } from "@xyflow/react";
import { useCallback, useMemo, useState } from "react";
import type { NodeType, Problem } from "@/lib/api/model";
import { toFlowEdges, toFlowNodes, type StepEdge, type StepNode } from "@/ui/flow/flow-model";
import { move } from "./commands";
import type { Definition } from "./definition";
import type { Change } from "./use-definition";

const same = <T,>(a: readonly T[], b: readonly T[]) => a.length === b.length && a.every((item, index) => item === b[index]);

/** Nodes that did not change keep their object, so that only the others are drawn again. */
function adopt(drawn: StepNode[], old: readonly StepNode[]): StepNode[] {
  const before = new Map(old.map((node) => [node.id, node]));
  return drawn.map((node) => {
    const known = before.get(node.id);
    if (!known) return node;
    const { data } = known;
    const equal = data.node === node.data.node && data.type === node.data.type && same([...data.used], [...node.data.used]) && same(data.problems, node.data.problems);
    if (equal && same([known.position.x, known.position.y], [node.position.x, node.position.y])) return known;
    return { ...known, ...node, data: equal ? data : node.data };
  });
}

function toggled(selected: ReadonlySet<string>, changes: readonly (NodeChange<StepNode> | EdgeChange<StepEdge>)[]): ReadonlySet<string> {
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

/** What the canvas shows of a definition: besides it where nodes are while dragged, how large they are, what is chosen. */
export function useCanvas(definition: Definition, types: readonly NodeType[], problems: readonly Problem[], change: Change) {
  const drawn = useMemo(() => toFlowNodes(definition, types, problems), [definition, types, problems]);
  const drawnEdges = useMemo(() => toFlowEdges(definition), [definition]);
  const [seen, setSeen] = useState(drawn);
  const [flowNodes, setFlowNodes] = useState(drawn);
  const [selection, setSelection] = useState({ nodes: none, edges: none });
  if (seen !== drawn) {
    setSeen(drawn);
    setFlowNodes(adopt(drawn, flowNodes));
  }

  const onNodesChange = useCallback(
    (changes: NodeChange<StepNode>[]) => {
      setSelection((old) => ({ ...old, nodes: toggled(old.nodes, changes) }));
      setFlowNodes((old) => applyNodeChanges(changes.filter(({ type }) => type === "position" || type === "dimensions"), old));
      const settled = changes.flatMap((one) => (one.type === "position" && one.position && !one.dragging ? [[one.id, one.position] as const] : []));
      if (settled.length) change((graph) => move(graph, new Map(settled)), "move");
    },
    [change],
  );
  const onEdgesChange = useCallback((changes: EdgeChange<StepEdge>[]) => setSelection((old) => ({ ...old, edges: toggled(old.edges, changes) })), []);
  const select = useCallback((ids: Iterable<string>) => setSelection({ nodes: new Set(ids), edges: none }), []);

  const nodes = useMemo(() => flowNodes.map((node) => (selection.nodes.has(node.id) === (node.selected ?? false) ? node : { ...node, selected: selection.nodes.has(node.id) })), [flowNodes, selection.nodes]);
  const edges = useMemo(() => drawnEdges.map((edge) => (selection.edges.has(edge.id) ? { ...edge, selected: true } : edge)), [drawnEdges, selection.edges]);
  const selected = useMemo(() => definition.nodes.filter(({ id }) => selection.nodes.has(id)), [definition.nodes, selection.nodes]);
  return { nodes, edges, onNodesChange, onEdgesChange, select, selected };
}

export type Canvas = ReturnType<typeof useCanvas>;
