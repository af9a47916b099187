import type { JsonObject, NodeType, WorkflowEdge, WorkflowNode } from "@/lib/api/model";
import { handleOf, makesCycle, START, type Graph } from "@/lib/flow/graph";
import { initialValue } from "@/lib/json-schema";

export interface Point {
  x: number;
  y: number;
}

export interface Connection {
  source: string;
  handle: string;
  target: string;
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Why a step may not be called so; null when it may. */
export function nameProblem(graph: Graph, nodeID: string, name: string): string | null {
  if (!name) return "Name is needed";
  if (!IDENTIFIER.test(name)) return "Letters, digits and _ only, and no digit first: expressions say steps.name";
  return graph.nodes.some((node) => node.id !== nodeID && node.name === name) ? "Another step has this name" : null;
}

/** `query`, `query2`, `query3`, …: the first that is free. */
export function freeName(taken: ReadonlySet<string>, wanted: string): string {
  if (!taken.has(wanted)) return wanted;
  const stem = wanted.replace(/\d+$/, "");
  for (let count = 2; ; count += 1) if (!taken.has(stem + count)) return stem + count;
}

const namesOf = ({ nodes }: Graph) => new Set(nodes.map(({ name }) => name));
const idsOf = ({ nodes, edges }: Graph) => new Set([...nodes, ...edges].map(({ id }) => id));

function freeId(taken: ReadonlySet<string>, prefix: string): string {
  for (let count = 1; ; count += 1) if (!taken.has(prefix + count)) return prefix + count;
}

/** What a new step of a type starts as: what its schema demands, and one branch when it is made of branches. */
export function initialConfig(type: NodeType): JsonObject {
  const config = (initialValue(type.configSchema, type.configSchema) ?? {}) as JsonObject;
  const list = type.dynamicHandles;
  if (!list || (Array.isArray(config[list]) && config[list].length > 0)) return config;
  return { ...config, [list]: [list === "branches" ? { id: "branch1", label: "", when: "" } : { id: "case1", label: "", equals: "" }] };
}

export function addNode<G extends Graph>(graph: G, type: NodeType, position: Point): { graph: G; node: WorkflowNode } {
  const node: WorkflowNode = { id: freeId(idsOf(graph), "n"), type: type.type, name: freeName(namesOf(graph), type.type), config: initialConfig(type), position: rounded(position) };
  return { graph: { ...graph, nodes: [...graph.nodes, node] }, node };
}

const rounded = ({ x, y }: Point): Point => ({ x: Math.round(x), y: Math.round(y) });

/** Whether an edge may be drawn: both ends are there, it is new, and it leads to no step before it. */
export function canConnect(graph: Graph, { source, handle, target }: Connection): boolean {
  const ends = [source, target].map((id) => graph.nodes.find((node) => node.id === id));
  if (!ends[0] || !ends[1] || ends[1].type === START) return false;
  const known = graph.edges.some((edge) => edge.source === source && edge.target === target && handleOf(edge) === handle);
  return !known && !makesCycle(graph.edges, source, target);
}

export function connect<G extends Graph>(graph: G, connection: Connection): G {
  return canConnect(graph, connection) ? { ...graph, edges: [...graph.edges, edgeOf(graph, connection)] } : graph;
}

function edgeOf(graph: Graph, { source, handle, target }: Connection): WorkflowEdge {
  return { id: freeId(idsOf(graph), "e"), source, ...(handle === "out" ? {} : { sourceHandle: handle }), target };
}

/** Puts a step into an edge: what led to the edge's target now leads to the step, and the step on to it. */
export function insertOnEdge<G extends Graph>(graph: G, edgeID: string, type: NodeType, position: Point, handle: string | undefined): { graph: G; node: WorkflowNode } {
  const edge = graph.edges.find(({ id }) => id === edgeID);
  const added = addNode(graph, type, position);
  if (!edge) return added;
  const led = { ...added.graph, edges: graph.edges.map((old) => (old.id === edgeID ? { ...old, target: added.node.id } : old)) };
  return { graph: handle === undefined ? led : connect(led, { source: added.node.id, handle, target: edge.target }), node: added.node };
}

/** Takes away steps, what is connected to them, and edges by themselves. */
export function remove<G extends Graph>(graph: G, nodeIDs: ReadonlySet<string>, edgeIDs: ReadonlySet<string> = new Set()): G {
  return {
    ...graph,
    nodes: graph.nodes.filter(({ id }) => !nodeIDs.has(id)),
    edges: graph.edges.filter(({ id, source, target }) => !edgeIDs.has(id) && !nodeIDs.has(source) && !nodeIDs.has(target)),
  };
}

/** The same graph object when nothing moved. */
export function move<G extends Graph>(graph: G, positions: ReadonlyMap<string, Point>): G {
  let moved = false;
  const nodes = graph.nodes.map((node) => {
    const to = positions.get(node.id);
    if (!to || (Math.round(to.x) === node.position.x && Math.round(to.y) === node.position.y)) return node;
    moved = true;
    return { ...node, position: rounded(to) };
  });
  return moved ? { ...graph, nodes } : graph;
}

/** Changes one step; `undefined` takes a field away. */
export function update<G extends Graph>(graph: G, nodeID: string, change: { [K in keyof WorkflowNode]?: WorkflowNode[K] | undefined }): G {
  return {
    ...graph,
    nodes: graph.nodes.map((node) => {
      if (node.id !== nodeID) return node;
      const changed = Object.entries({ ...node, ...change }).filter(([, value]) => value !== undefined);
      return Object.fromEntries(changed) as unknown as WorkflowNode;
    }),
  };
}

const mention = (name: string) => new RegExp(`\\bsteps\\.${name}\\b`, "g");

/** Gives a step another name, also where the others' expressions speak of it. */
export function rename<G extends Graph>(graph: G, nodeID: string, name: string): G {
  const before = graph.nodes.find(({ id }) => id === nodeID)?.name;
  const renamed = update(graph, nodeID, { name });
  if (!before || !IDENTIFIER.test(before) || !IDENTIFIER.test(name)) return renamed;
  const pattern = mention(before);
  return { ...renamed, nodes: renamed.nodes.map((node) => ({ ...node, config: replaced(node.config, (text) => text.replace(pattern, `steps.${name}`)) as JsonObject })) };
}

function replaced(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => replaced(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, change)]));
}

/** The chosen steps and the edges among them. */
export function copied(graph: Graph, nodeIDs: ReadonlySet<string>): Graph {
  return {
    nodes: graph.nodes.filter(({ id, type }) => nodeIDs.has(id) && type !== START),
    edges: graph.edges.filter(({ source, target }) => nodeIDs.has(source) && nodeIDs.has(target)),
  };
}

/** Adds copied steps under new ids and names; what they say of each other goes with them. */
export function paste<G extends Graph>(graph: G, piece: Graph, at: Point | { by: number }): { graph: G; ids: Set<string> } {
  const nodes = piece.nodes.filter(({ type }) => type !== START);
  const names = namesOf(graph);
  const taken = idsOf(graph);
  const left = Math.min(...nodes.map(({ position }) => position.x));
  const top = Math.min(...nodes.map(({ position }) => position.y));
  const shift = "by" in at ? { x: at.by, y: at.by } : { x: at.x - left, y: at.y - top };
  const ids = new Map<string, string>();
  const renamed = new Map<string, string>();
  const added = nodes.map((node) => {
    const id = freeId(taken, "n");
    const name = freeName(names, node.name);
    taken.add(id);
    names.add(name);
    ids.set(node.id, id);
    if (name !== node.name && IDENTIFIER.test(node.name)) renamed.set(node.name, name);
    return { ...node, id, name, position: rounded({ x: node.position.x + shift.x, y: node.position.y + shift.y }) };
  });
  const speak = (text: string) => text.replace(/\bsteps\.([A-Za-z_][A-Za-z0-9_]*)/g, (whole, name: string) => (renamed.has(name) ? `steps.${renamed.get(name)}` : whole));
  const edges = piece.edges.flatMap((edge) => {
    const [source, target] = [ids.get(edge.source), ids.get(edge.target)];
    if (!source || !target) return [];
    const id = freeId(taken, "e");
    taken.add(id);
    return [{ ...edge, id, source, target }];
  });
  const spoken = added.map((node) => ({ ...node, config: replaced(node.config, speak) as JsonObject }));
  return { graph: { ...graph, nodes: [...graph.nodes, ...spoken], edges: [...graph.edges, ...edges] }, ids: new Set(ids.values()) };
}
