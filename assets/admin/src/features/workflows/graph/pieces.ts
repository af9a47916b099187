import type { JsonObject, WorkflowNode } from "@/lib/api/model";
import { START, type Graph } from "@/lib/flow/graph";
import { bodyProblem, fitted, loopOf, withBodies, type Point } from "@/lib/flow/loops";
import { freeId, freeNodeName, IDENTIFIER, idsOf, namesOf, replaced, rounded } from "./commands";

/** Returns the selected steps, loops with their bodies, and the edges between them. */
export function copied(graph: Graph, nodeIDs: ReadonlySet<string>): Graph {
  const taken = withBodies(graph.nodes, nodeIDs);
  return {
    nodes: graph.nodes.filter(({ id, type }) => taken.has(id) && type !== START),
    edges: graph.edges.filter(({ source, target }) => taken.has(source) && taken.has(target)),
  };
}

/** At a position on the canvas or in a loop's body, or beside the originals. */
export type PasteAt = (Point & { loop?: string | undefined }) | { by: number };

/** Adds copied steps with new ids and names; references between them are updated. */
export function paste<G extends Graph>(graph: G, piece: Graph, at: PasteAt): { graph: G; ids: Set<string> } {
  const nodes = piece.nodes.filter(({ type }) => type !== START);
  const fresh = freshNames(graph, nodes);
  const roots = nodes.filter((node) => loopOf(nodes, node) === undefined);
  const shift = shiftOf(roots, at);
  const added = nodes.map((node) => {
    const { parentID, ...rest } = node;
    const inside = loopOf(nodes, node);
    const loop = inside ? fresh.ids.get(inside) : "by" in at ? parentID : at.loop;
    const position = inside
      ? node.position
      : rounded({ x: node.position.x + shift.x, y: node.position.y + shift.y });
    const known =
      loop !== undefined &&
      loop !== null &&
      (inside || graph.nodes.some(({ id, type }) => id === loop && type === "loop"));
    return {
      ...rest,
      id: fresh.ids.get(node.id) ?? "",
      name: fresh.names.get(node.id) ?? "",
      position,
      config: speakOf(node, nodes, fresh.names),
      ...(known ? { parentID: loop } : {}),
    };
  });
  const taken = new Set([...idsOf(graph), ...fresh.ids.values()]);
  const edges = piece.edges.flatMap((edge) => {
    const [source, target] = [fresh.ids.get(edge.source), fresh.ids.get(edge.target)];
    if (!source || !target) return [];
    const id = freeId(taken, "e");
    taken.add(id);
    return [{ ...edge, id, source, target }];
  });
  const whole = { ...graph, nodes: [...graph.nodes, ...added], edges: [...graph.edges, ...edges] };
  // Steps that cannot be in the target loop are added outside.
  const placed = whole.nodes.map((node) =>
    fresh.made.has(node.id) && bodyProblem(whole.nodes, node.id, loopOf(whole.nodes, node))
      ? withoutLoop(node)
      : node,
  );
  return { graph: fitted({ ...whole, nodes: placed }), ids: fresh.made };
}

function withoutLoop({ parentID: _, ...node }: WorkflowNode): WorkflowNode {
  return node;
}

function freshNames(graph: Graph, nodes: readonly WorkflowNode[]) {
  const [taken, spoken] = [idsOf(graph), namesOf(graph)];
  const ids = new Map<string, string>();
  const names = new Map<string, string>();
  for (const node of nodes) {
    const [id, name] = [freeId(taken, "n"), freeNodeName(spoken, node.name)];
    taken.add(id);
    spoken.add(name);
    ids.set(node.id, id);
    names.set(node.id, name);
  }
  return { ids, names, made: new Set(ids.values()) };
}

function shiftOf(roots: readonly WorkflowNode[], at: PasteAt): Point {
  if ("by" in at) return { x: at.by, y: at.by };
  return {
    x: at.x - Math.min(...roots.map(({ position }) => position.x)),
    y: at.y - Math.min(...roots.map(({ position }) => position.y)),
  };
}

/** Returns a copied step's config with the new names of the steps that were copied with it. */
function speakOf(
  node: WorkflowNode,
  nodes: readonly WorkflowNode[],
  names: ReadonlyMap<string, string>,
): JsonObject {
  const renamed = new Map(
    nodes.filter(({ name }) => IDENTIFIER.test(name)).map(({ id, name }) => [name, names.get(id) ?? name]),
  );
  const speak = (text: string) =>
    text.replace(/\bsteps\.([A-Za-z_][A-Za-z0-9_]*)/g, (whole, name: string) =>
      renamed.has(name) ? `steps.${renamed.get(name)}` : whole,
    );
  return replaced(node.config, speak) as JsonObject;
}
