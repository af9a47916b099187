import { t } from "@lingui/core/macro";
import type { WorkflowNode } from "@/lib/api/model";
import { groupBy } from "@/lib/group-by";
import { titleOf, type Graph } from "./graph";

export interface Point {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

export const LOOP = "loop";

/** Types of steps that belong to the whole run. */
const OUTSIDE: readonly string[] = ["start", "end"];

/** The maximum nesting depth of loops. */
const MOST_DEEP = 5;

/** Padding between a loop's border and its body. */
export const inset = { left: 32, top: 72, right: 48, bottom: 24 };

const emptyLoop: Size = { width: 272, height: 136 };

type Nodes = readonly WorkflowNode[];

/** Returns the loop of a node; undefined outside of loops, or if the parent is not a loop. */
export function loopOf(
  nodes: Nodes,
  { id, parentID }: Pick<WorkflowNode, "id" | "parentID">,
): string | undefined {
  return parentID && parentID !== id && nodes.some((node) => node.id === parentID && node.type === LOOP)
    ? parentID
    : undefined;
}

/** Returns the loops around each node, the innermost first; a node inside itself counts as outside. */
export function loopsAround(nodes: Nodes): Map<string, string[]> {
  const byID = new Map(nodes.map((node) => [node.id, node]));
  const outward = (node: WorkflowNode) => {
    const around: string[] = [];
    for (let at = byID.get(node.parentID ?? ""); at?.type === LOOP; at = byID.get(at.parentID ?? "")) {
      if (at.id === node.id || around.includes(at.id)) return [];
      around.push(at.id);
    }
    return around;
  };
  return new Map(nodes.map((node) => [node.id, outward(node)]));
}

/** Returns the selected nodes and everything in the loops among them. */
export function withBodies(nodes: Nodes, chosen: ReadonlySet<string>): Set<string> {
  const around = loopsAround(nodes);
  return new Set(
    nodes
      .filter(({ id }) => chosen.has(id) || around.get(id)?.some((loop) => chosen.has(loop)))
      .map(({ id }) => id),
  );
}

/** Returns why a step cannot be moved into a loop, or out of all loops with `undefined`; null if it can. */
export function bodyProblem(nodes: Nodes, nodeID: string, loop: string | undefined): string | null {
  const node = nodes.find(({ id }) => id === nodeID);
  if (!node || loop === undefined) return null;
  if (OUTSIDE.includes(node.type))
    return t`${titleOf(node)} starts or ends the run and cannot be inside a loop`;
  const around = loopsAround(nodes);
  const within = [loop, ...(around.get(loop) ?? [])];
  if (within.includes(nodeID)) return t`${titleOf(node)} cannot be inside itself`;
  const below = nodes.flatMap(({ id, type }) =>
    type === LOOP && (id === nodeID || around.get(id)?.includes(nodeID))
      ? [(around.get(id)?.indexOf(nodeID) ?? -1) + 1]
      : [],
  );
  return within.length + (below.length ? Math.max(...below) + 1 : 0) > MOST_DEEP
    ? t`Loops can be nested at most ${MOST_DEEP} deep`
    : null;
}

/** Sorts inner loops before the outer ones. */
function inward(nodes: Nodes): WorkflowNode[] {
  const around = loopsAround(nodes);
  const depth = ({ id }: WorkflowNode) => around.get(id)?.length ?? 0;
  return nodes.filter(({ type }) => type === LOOP).sort((a, b) => depth(b) - depth(a));
}

/** Positions in a body are relative to their loop's corner. Nodes beyond the left or upper border move that border. */
export function fitted<G extends Graph>(graph: G): G {
  const around = loopsAround(graph.nodes);
  const bodies = groupBy(graph.nodes, ({ id }) => around.get(id)?.[0]);
  const places = new Map(graph.nodes.map(({ id, position }) => [id, position]));
  for (const loop of inward(graph.nodes)) {
    const body = bodies.get(loop.id) ?? [];
    const at = body.map(({ id }) => places.get(id) ?? { x: 0, y: 0 });
    const dx = Math.max(0, inset.left - Math.min(...at.map(({ x }) => x)));
    const dy = Math.max(0, inset.top - Math.min(...at.map(({ y }) => y)));
    if (!body.length || (dx === 0 && dy === 0)) continue;
    body.forEach(({ id }, index) =>
      places.set(id, { x: (at[index]?.x ?? 0) + dx, y: (at[index]?.y ?? 0) + dy }),
    );
    const corner = places.get(loop.id) ?? { x: 0, y: 0 };
    places.set(loop.id, { x: corner.x - dx, y: corner.y - dy });
  }
  const nodes = graph.nodes.map((node) =>
    places.get(node.id) === node.position
      ? node
      : { ...node, position: places.get(node.id) ?? node.position },
  );
  return nodes.every((node, index) => node === graph.nodes[index]) ? graph : { ...graph, nodes };
}

/** Returns the size of every node: loops fit their body, others as `sizeOf` returns. */
export function sizesOf(nodes: Nodes, sizeOf: (node: WorkflowNode) => Size): Map<string, Size> {
  const around = loopsAround(nodes);
  const bodies = groupBy(nodes, ({ id }) => around.get(id)?.[0]);
  const sizes = new Map(nodes.map((node) => [node.id, node.type === LOOP ? emptyLoop : sizeOf(node)]));
  for (const { id } of inward(nodes)) {
    const corners = (bodies.get(id) ?? []).map((node) => ({
      right: node.position.x + (sizes.get(node.id)?.width ?? 0),
      bottom: node.position.y + (sizes.get(node.id)?.height ?? 0),
    }));
    sizes.set(id, {
      width: Math.max(emptyLoop.width, ...corners.map(({ right }) => right + inset.right)),
      height: Math.max(emptyLoop.height, ...corners.map(({ bottom }) => bottom + inset.bottom)),
    });
  }
  return sizes;
}

/** Returns the absolute positions of all nodes on the canvas, whatever loops they are in. */
export function placesOf(nodes: Nodes): Map<string, Point> {
  const byID = new Map(nodes.map((node) => [node.id, node]));
  const around = loopsAround(nodes);
  const place = ({ id, position }: WorkflowNode) =>
    (around.get(id) ?? []).reduce(
      (sum, loop) => ({
        x: sum.x + (byID.get(loop)?.position.x ?? 0),
        y: sum.y + (byID.get(loop)?.position.y ?? 0),
      }),
      position,
    );
  return new Map(nodes.map((node) => [node.id, place(node)]));
}

export const placeOf = (nodes: Nodes, nodeID: string): Point => placesOf(nodes).get(nodeID) ?? { x: 0, y: 0 };

/** Returns the innermost loop at a point of the canvas. */
export function loopAt(
  nodes: Nodes,
  sizes: ReadonlyMap<string, Size>,
  { x, y }: Point,
  except: ReadonlySet<string> = new Set(),
): string | undefined {
  const places = placesOf(nodes);
  return inward(nodes).find(({ id }) => {
    const [corner, size] = [places.get(id), sizes.get(id)];
    return (
      corner &&
      size &&
      !except.has(id) &&
      x >= corner.x &&
      y >= corner.y &&
      x <= corner.x + size.width &&
      y <= corner.y + size.height
    );
  })?.id;
}
