import type { Run, WorkflowEdge, WorkflowNode } from "@/lib/api/model";
import { handleOf, reachable, START, type Graph } from "@/lib/flow/graph";
import { loopsAround, withBodies } from "@/lib/flow/loops";

/** A part of a workflow that is run alone. */
export interface Part {
  graph: Graph;
  /** The steps that run before the wanted one, because their output is needed and not known. */
  before: WorkflowNode[];
  /** The steps that do not run because their output is known. */
  reused: WorkflowNode[];
}

/** Returns a step with all steps that lead to it: what must run to try it out with new data. */
export function upTo(graph: Graph, nodeID: string): Part {
  const { nodes, edges } = graph;
  const around = loopsAround(nodes).get(nodeID) ?? [];
  const before = new Set([nodeID, ...around].flatMap((id) => [...reachable(edges, id, "up")]));
  // A loop around the step runs only what leads to the step; other loops run as a whole.
  const kept = withBodies(nodes, new Set([nodeID, ...before]));
  for (const loop of around) kept.add(loop);
  const start = nodes.find(({ type }) => type === START);
  if (start) kept.add(start.id);
  const outermost = around.at(-1);
  const part = marked(connected(within(graph, kept), outermost ?? nodeID), nodeID, outermost);
  return {
    graph: part,
    before: part.nodes.filter(({ id, type }) => before.has(id) && type !== START),
    reused: part.nodes.filter(({ id, pinnedOutput }) => before.has(id) && pinnedOutput !== undefined),
  };
}

/** Returns a part of a graph. A step whose error branch is cut off fails the run instead. */
function within({ nodes, edges }: Graph, kept: ReadonlySet<string>): Graph {
  const left = edges.filter(({ source, target }) => kept.has(source) && kept.has(target));
  const branches = new Set(left.filter((edge) => handleOf(edge) === "error").map(({ source }) => source));
  return {
    nodes: nodes
      .filter(({ id }) => kept.has(id))
      .map((node) =>
        node.settings?.onError === "branch" && !branches.has(node.id)
          ? { ...node, settings: { ...node.settings, onError: "fail" } }
          : node,
      ),
    edges: left,
  };
}

/** Leads from the start to a step that nothing leads to yet. */
function connected(graph: Graph, nodeID: string): Graph {
  const start = graph.nodes.find(({ type }) => type === START);
  if (!start || start.id === nodeID || reachable(graph.edges, nodeID, "up").has(start.id)) return graph;
  return { ...graph, edges: [...graph.edges, edgeBetween(start.id, nodeID)] };
}

const edgeBetween = (source: string, target: string): WorkflowEdge => ({
  id: `part ${source} ${target}`.slice(0, MOST_IN_ID),
  source,
  target,
});

/**
 * Returns one step alone: earlier steps whose output is known do not run, whatever branch they took. The step itself
 * always runs, unless the user has pinned its output. In a loop it runs for the first item.
 */
export function only(graph: Graph, nodeID: string, outputs: ReadonlyMap<string, unknown>): Part {
  const allAround = loopsAround(graph.nodes);
  const around = allAround.get(nodeID) ?? [];
  const run = upTo(graph, nodeID);
  const levels = [...around].reverse();
  const subjects = [...levels, nodeID];
  const inside = withBodies(graph.nodes, new Set([nodeID]));
  const needed = mentions(graph.nodes.filter(({ id }) => inside.has(id) || levels.includes(id)));
  const part: Part = { graph: { nodes: [], edges: [] }, before: [], reused: [] };
  // The known output of a step in a loop is that of the first item: a loop that runs for all items must run its steps.
  const isReusable = ({ id }: WorkflowNode) =>
    id !== nodeID && (allAround.get(id) ?? []).every((loop) => around.includes(loop));
  const nodes = run.graph.nodes.map((node) =>
    levels.includes(node.id) ? firstItemOnly(node) : isReusable(node) ? known(node, outputs) : node,
  );
  for (const [depth, subject] of subjects.entries())
    addLevel(part, { ...run.graph, nodes }, { subject, loop: levels[depth - 1], needed });
  const body = nodes.filter(({ id }) => inside.has(id) && id !== nodeID);
  const ids = new Set(body.map(({ id }) => id));
  part.graph.nodes.push(...body);
  part.graph.edges.push(...run.graph.edges.filter(({ source }) => ids.has(source)));
  part.graph = marked(connected(part.graph, subjects[0] ?? nodeID), nodeID, levels[0]);
  return part;
}

const MARK = "part-of-loop:";
/** The maximum length of an edge's id. */
const MOST_IN_ID = 128;
const markOf = (nodeID: string) => (MARK + nodeID).slice(0, MOST_IN_ID);

/** Marks the connection to the loop around a tested step. It is stored with the run: later visits recognize it. */
function marked(graph: Graph, nodeID: string, loop: string | undefined): Graph {
  const edge = graph.edges.find(({ target }) => target === loop);
  const edges = graph.edges.map((one) => (one === edge ? { ...one, id: markOf(nodeID) } : one));
  return { ...graph, edges };
}

/** Returns the loops that a run has not run as a whole, because only a step in them was tested. */
export function partialLoops({ nodes, edges }: Pick<Run, "nodes" | "edges">): readonly string[] {
  const ids = new Set(edges?.map(({ id }) => id));
  const tested = nodes?.find(({ id }) => ids.has(markOf(id)));
  return (tested && loopsAround(nodes ?? []).get(tested.id)) ?? [];
}

interface Level {
  /** The step that is wanted, or the loop around it. */
  subject: string;
  loop: string | undefined;
  needed: (name: string) => boolean;
}

/** Adds the steps of one level: those with a known output in a row before the subject, or else all that lead to it. */
function addLevel(part: Part, { nodes, edges }: Graph, { subject, loop, needed }: Level): void {
  const before = reachable(edges, subject, "up");
  const own = nodes.filter(({ id, type }) => before.has(id) && type !== START);
  const start = loop === undefined ? nodes.filter(({ type }) => type === START) : [];
  const wanted = nodes.filter(({ id }) => id === subject);
  const used = own.filter(({ name }) => needed(name));
  if (used.every(({ pinnedOutput }) => pinnedOutput !== undefined)) {
    const row = [...start, ...used.map(asValue), ...wanted];
    part.graph.nodes.push(...row);
    part.graph.edges.push(...row.slice(1).map(({ id }, index) => edgeBetween(row[index]?.id ?? "", id)));
    part.reused.push(...used);
    return;
  }
  const kept = withBodies(nodes, new Set(own.map(({ id }) => id)));
  part.graph.nodes.push(...start, ...nodes.filter(({ id }) => kept.has(id)), ...wanted);
  const all = new Set(part.graph.nodes.map(({ id }) => id));
  part.graph.edges.push(
    ...edges.filter(
      ({ source, target }) => all.has(source) && all.has(target) && (before.has(source) || kept.has(source)),
    ),
  );
  part.before.push(...own.filter(({ pinnedOutput }) => pinnedOutput === undefined));
  part.reused.push(...own.filter(({ pinnedOutput }) => pinnedOutput !== undefined));
}

/** A step that only passes its known output on, through one output. */
const asValue = ({ id, name, position, parentID, pinnedOutput }: WorkflowNode): WorkflowNode => ({
  id,
  type: "set",
  name,
  config: { values: {} },
  position,
  ...(parentID ? { parentID } : {}),
  pinnedOutput,
});

const known = (node: WorkflowNode, outputs: ReadonlyMap<string, unknown>): WorkflowNode =>
  node.pinnedOutput === undefined && outputs.has(node.id) && node.type !== START
    ? { ...node, pinnedOutput: outputs.get(node.id) }
    : node;

/** Returns whether expressions of the steps mention a step; all are if an expression computes the name. */
function mentions(nodes: readonly WorkflowNode[]): (name: string) => boolean {
  const text = JSON.stringify(nodes.map(({ config }) => config)).replaceAll('\\"', '"');
  const names = new Set(
    [
      ...text.matchAll(/\bsteps\s*(?:\?\.|\.)\s*([A-Za-z_]\w*)|\bsteps\s*(?:\?\.)?\[\s*["']([^"']+)["']/g),
    ].map(([, dotted, quoted]) => dotted ?? quoted ?? ""),
  );
  const computed = /\bsteps\b(?!\s*(?:\?\.|\.)\s*[A-Za-z_]|\s*(?:\?\.)?\[\s*["'])/.test(text);
  return (name) => computed || names.has(name);
}

const WHOLE = /^\s*\{\{([\s\S]*)\}\}\s*$/;

/** Limits a loop to its first item, whether its items are a list, a number, an object or an expression. */
function firstItemOnly(node: WorkflowNode): WorkflowNode {
  const { items } = node.config;
  const expression = typeof items === "string" ? WHOLE.exec(items)?.[1] : undefined;
  return { ...node, config: { ...node.config, items: expression ? firstOf(expression) : first(items) } };
}

function first(items: unknown): unknown {
  if (typeof items === "number") return Math.min(items, 1);
  if (Array.isArray(items)) return items.slice(0, 1);
  if (typeof items !== "object" || items === null) return items;
  return Object.fromEntries(Object.entries(items).slice(0, 1));
}

const firstOf = (expression: string) => `{{ (
  (all) => typeof all === "number" ? Math.min(all, 1)
    : Array.isArray(all) ? all.slice(0, 1)
    : typeof all === "object" && all ? Object.fromEntries(Object.entries(all).slice(0, 1))
    : all
)(${expression.trim()}) }}`;
