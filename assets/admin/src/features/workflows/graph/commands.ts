import { t } from "@lingui/core/macro";
import type { JsonObject, NodeType, WorkflowEdge, WorkflowNode } from "@/lib/api/model";
import { handleOf, reachable, START, titleOf, type Graph } from "@/lib/flow/graph";
import { fitted, loopOf, withBodies, type Point } from "@/lib/flow/loops";
import { plainLetters } from "@/lib/names/plain-letters";
import { initialValue } from "@/lib/schema/schema-fields";

export interface Connection {
  source: string;
  handle: string;
  target: string;
}

export const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

const MOST_IN_NAME = 64;

/** Returns the name of a step for a free text, as expressions can use it: `fetch items` becomes `fetch_items`. */
export function nameOf(text: string): string {
  const name = plainLetters(text)
    .replace(/[^A-Za-z0-9_]+/g, "_")
    .replace(/^_+(?=[A-Za-z0-9])|_+$/g, "");
  return /^\d/.test(name) ? `_${name}` : name;
}

/** Returns why a step cannot have a name, or null. */
export function nameProblem(graph: Graph, nodeID: string, name: string): string | null {
  if (!IDENTIFIER.test(name)) return t`Enter a name with at least one letter or digit`;
  return graph.nodes.some((node) => node.id !== nodeID && node.name === name)
    ? t`Another step already has this name`
    : null;
}

/** Returns the first free name of `query`, `query2`, `query3`, … */
export function freeNodeName(taken: ReadonlySet<string>, wanted: string): string {
  if (!taken.has(wanted)) return wanted;
  const stem = wanted.replace(/\d+$/, "");
  for (let count = 2; ; count += 1) if (!taken.has(stem + count)) return stem + count;
}

export const namesOf = ({ nodes }: Graph) => new Set(nodes.map(({ name }) => name));
export const idsOf = ({ nodes, edges }: Graph) => new Set([...nodes, ...edges].map(({ id }) => id));

export function freeId(taken: ReadonlySet<string>, prefix: string): string {
  for (let count = 1; ; count += 1) if (!taken.has(prefix + count)) return prefix + count;
}

/** Returns the initial config of a new step: what its schema requires, and one branch if the type has branches. */
export function initialNodeConfig(type: NodeType): JsonObject {
  const config = (initialValue(type.configSchema, type.configSchema) ?? {}) as JsonObject;
  const list = type.dynamicHandles;
  if (!list || (Array.isArray(config[list]) && config[list].length > 0)) return config;
  return {
    ...config,
    [list]: [
      list === "branches" ? { id: "branch1", label: "", when: "" } : { id: "case1", label: "", equals: "" },
    ],
  };
}

/** Adds a step, to a loop's body if one is named. */
export function addNode<G extends Graph>(
  graph: G,
  type: NodeType,
  position: Point,
  loop?: string,
): { graph: G; node: WorkflowNode } {
  const inside = loop === undefined ? {} : { parentID: loop };
  const node: WorkflowNode = {
    id: freeId(idsOf(graph), "n"),
    type: type.type,
    name: freeNodeName(namesOf(graph), type.type),
    config: initialNodeConfig(type),
    position: rounded(position),
    ...inside,
  };
  return { graph: { ...graph, nodes: [...graph.nodes, node] }, node };
}

export const rounded = ({ x, y }: Point): Point => ({ x: Math.round(x), y: Math.round(y) });

/** Returns why an edge is not allowed, or null. `before` are all steps that lead to its source. */
export function connectProblem(
  { nodes, edges }: Graph,
  { source, handle, target }: Connection,
  before: ReadonlySet<string> = reachable(edges, source, "up"),
): string | null {
  const [from, to] = [source, target].map((id) => nodes.find((node) => node.id === id));
  if (!from || !to) return t`One of the steps no longer exists`;
  if (to.type === START) return t`The start step cannot have incoming connections`;
  if (edges.some((edge) => edge.source === source && edge.target === target && handleOf(edge) === handle))
    return t`These steps are already connected`;
  if (source === target || before.has(target))
    return t`This would create a cycle: ${titleOf(to)} comes before ${titleOf(from)}. To repeat steps, put them in a loop`;
  const [around, into] = [loopOf(nodes, from), loopOf(nodes, to)];
  if (around === into) return null;
  if (into === source) return t`${titleOf(to)} is inside ${titleOf(from)} and starts automatically`;
  return t`${titleOf(from)} and ${titleOf(to)} are not in the same loop: connect the loop itself, or move one of them`;
}

export const canConnect = (graph: Graph, connection: Connection): boolean =>
  connectProblem(graph, connection) === null;

/** Returns the steps that an edge from a handle may lead to. */
export function targetsOf(graph: Graph, source: string, handle: string): WorkflowNode[] {
  const before = reachable(graph.edges, source, "up");
  return graph.nodes.filter(
    ({ id }) => connectProblem(graph, { source, handle, target: id }, before) === null,
  );
}

export function connect<G extends Graph>(graph: G, connection: Connection): G {
  return canConnect(graph, connection)
    ? { ...graph, edges: [...graph.edges, edgeOf(graph, connection)] }
    : graph;
}

function edgeOf(graph: Graph, { source, handle, target }: Connection): WorkflowEdge {
  return {
    id: freeId(idsOf(graph), "e"),
    source,
    ...(handle === "out" ? {} : { sourceHandle: handle }),
    target,
  };
}

/** Inserts a step into an edge: the source now leads to the step, and the step to the target. */
export function insertOnEdge<G extends Graph>(
  graph: G,
  edgeID: string,
  type: NodeType,
  position: Point,
  handle: string | undefined,
): { graph: G; node: WorkflowNode } {
  const edge = graph.edges.find(({ id }) => id === edgeID);
  const before = graph.nodes.find(({ id }) => id === edge?.source);
  const added = addNode(graph, type, position, before && loopOf(graph.nodes, before));
  if (!edge) return added;
  const led = {
    ...added.graph,
    edges: graph.edges.map((old) => (old.id === edgeID ? { ...old, target: added.node.id } : old)),
  };
  return {
    graph: handle === undefined ? led : connect(led, { source: added.node.id, handle, target: edge.target }),
    node: added.node,
  };
}

/** Removes steps with their bodies and edges, and individual edges. */
export function remove<G extends Graph>(
  graph: G,
  nodeIDs: ReadonlySet<string>,
  edgeIDs: ReadonlySet<string> = new Set(),
): G {
  const doomed = withBodies(graph.nodes, nodeIDs);
  return {
    ...graph,
    nodes: graph.nodes.filter(({ id }) => !doomed.has(id)),
    edges: graph.edges.filter(
      ({ id, source, target }) => !edgeIDs.has(id) && !doomed.has(source) && !doomed.has(target),
    ),
  };
}

/**
 * Removes steps as `remove` does, and joins what they connected: the only step before them and the only one after them.
 * A path of a branch is not joined, because what depended on it would then always run.
 */
export function removeAndJoin<G extends Graph>(
  graph: G,
  nodeIDs: ReadonlySet<string>,
  edgeIDs: ReadonlySet<string> = new Set(),
): G {
  const doomed = withBodies(graph.nodes, nodeIDs);
  const seen = new Set<string>();
  let left = remove(graph, nodeIDs, edgeIDs);
  for (const id of doomed) {
    if (seen.has(id)) continue;
    const row = neighboursAmong(graph.edges, doomed, id);
    for (const member of row) seen.add(member);
    const leading = graph.edges.filter(({ source, target }) => row.has(target) && !row.has(source));
    const leaving = graph.edges.filter(({ source, target }) => row.has(source) && !row.has(target));
    const [before, after] = [leading[0], leaving[0]];
    const isPlain = graph.edges.every((edge) => !row.has(edge.source) || handleOf(edge) === "out");
    if (before && after && leading.length === 1 && leaving.length === 1 && isPlain)
      left = connect(left, { source: before.source, handle: handleOf(before), target: after.target });
  }
  return left;
}

/** Returns a step with all steps of a set that it is connected to within the set. */
function neighboursAmong(
  edges: readonly WorkflowEdge[],
  among: ReadonlySet<string>,
  id: string,
): Set<string> {
  const within = edges.filter(({ source, target }) => among.has(source) && among.has(target));
  const both = [...within, ...within.map(({ source, target }) => ({ source: target, target: source }))];
  return reachable(both, id, "down").add(id);
}

/**
 * Moves steps to absolute positions; loops still contain their bodies. Returns the same graph object if nothing moved.
 */
export function move<G extends Graph>(graph: G, positions: ReadonlyMap<string, Point>): G {
  const shown = fitted(graph);
  let moved = false;
  const nodes = shown.nodes.map((node) => {
    const to = positions.get(node.id);
    if (!to || (Math.round(to.x) === node.position.x && Math.round(to.y) === node.position.y)) return node;
    moved = true;
    return { ...node, position: rounded(to) };
  });
  return moved ? fitted({ ...shown, nodes }) : graph;
}

/** Changes one step; `undefined` removes a field. */
export function update<G extends Graph>(
  graph: G,
  nodeID: string,
  change: { [K in keyof WorkflowNode]?: WorkflowNode[K] | undefined },
): G {
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

/** Renames a step, also in the expressions of other steps. */
export function rename<G extends Graph>(graph: G, nodeID: string, name: string): G {
  const before = graph.nodes.find(({ id }) => id === nodeID)?.name;
  const renamed = update(graph, nodeID, { name });
  if (!before || !IDENTIFIER.test(before) || !IDENTIFIER.test(name)) return renamed;
  const pattern = mention(before);
  return {
    ...renamed,
    nodes: renamed.nodes.map((node) => ({
      ...node,
      config: replaced(node.config, (text) => text.replace(pattern, `steps.${name}`)) as JsonObject,
    })),
  };
}

/** Without a number that made it unique. */
const stemOf = (name: string) => name.replace(/\d+$/, "");

/**
 * Gives a step any text as its title. Its name follows, unless it was chosen separately: `Fetch items` is
 * `steps.Fetch_items`.
 */
export function retitle<G extends Graph>(graph: G, nodeID: string, text: string): G {
  const node = graph.nodes.find(({ id }) => id === nodeID);
  const typed = text.trim();
  if (!node || !typed || typed === titleOf(node)) return graph;
  const wanted = nameOf(typed).slice(0, MOST_IN_NAME);
  const follows = stemOf(node.name) === stemOf(nameOf(titleOf(node)).slice(0, MOST_IN_NAME));
  const others = new Set(graph.nodes.filter((other) => other !== node).map(({ name }) => name));
  const name = follows && IDENTIFIER.test(wanted) ? freeNodeName(others, wanted) : node.name;
  return rename(update(graph, nodeID, { title: typed === name ? undefined : typed }), nodeID, name);
}

export function replaced(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => replaced(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, change)]));
}
