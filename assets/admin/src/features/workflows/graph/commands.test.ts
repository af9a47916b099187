import { describe, expect, it } from "vitest";
import type { NodeType, WorkflowNode } from "@/lib/api/model";
import type { Graph } from "@/lib/flow/graph";
import { fromClipboard, toClipboard } from "../canvas/clipboard";
import {
  addNode,
  canConnect,
  connect,
  freeNodeName,
  insertOnEdge,
  move,
  nameOf,
  nameProblem,
  remove,
  removeAndJoin,
  rename,
  retitle,
  update,
} from "./commands";
import { copied, paste } from "./pieces";

const node = (id: string, change: Partial<WorkflowNode> = {}): WorkflowNode => ({
  id,
  type: "javascript",
  name: id,
  config: {},
  position: { x: 0, y: 0 },
  ...change,
});
const type = (change: Partial<NodeType> = {}): NodeType => ({
  type: "javascript",
  name: "JavaScript",
  category: "",
  description: "",
  configSchema: { type: "object" },
  handles: [{ id: "out", label: "Next" }],
  dynamicHandles: null,
  ignoredSettings: [],
  ...change,
});

/** start → a → b */
const graph: Graph = {
  nodes: [
    node("start", { type: "start" }),
    node("a"),
    node("b", { config: { code: "return steps.a.x + steps.ab.y", deep: [{ t: "{{ steps.a }}" }] } }),
  ],
  edges: [
    { id: "e1", source: "start", target: "a" },
    { id: "e2", source: "a", target: "b" },
  ],
};

const way = (source: string, target: string) => ({ id: `${source} ${target}`, source, target });

describe("names", () => {
  it("are identifiers and unique", () => {
    expect(nameProblem(graph, "a", "fine_1")).toBeNull();
    expect(nameProblem(graph, "a", "a")).toBeNull();
    expect(nameProblem(graph, "a", "b")).toMatch("Another step");
    for (const bad of ["", "1a", "a-b", "a b", "ä"]) expect(nameProblem(graph, "a", bad)).not.toBeNull();
  });

  it("are derived from any text", () => {
    expect(nameOf("fetch items")).toBe("fetch_items");
    expect(nameOf("  Prüfe: Größe & café!  ")).toBe("Pruefe_Groesse_cafe");
    expect(nameOf("2nd try")).toBe("_2nd_try");
    expect(nameOf("_private")).toBe("private");
    expect(nameOf("···")).toBe("");
    expect(nameProblem(graph, "a", nameOf("···"))).not.toBeNull();
  });

  it("are made free by counting up", () => {
    expect(freeNodeName(new Set(), "query")).toBe("query");
    expect(freeNodeName(new Set(["query", "query2"]), "query")).toBe("query3");
    expect(freeNodeName(new Set(["query2"]), "query2")).toBe("query3");
  });
});

describe("adding", () => {
  it("gives a new step its own id and name and an integer position", () => {
    const { graph: after, node: added } = addNode(
      { nodes: [node("n1", { name: "javascript" })], edges: [] },
      type(),
      { x: 1.4, y: 2.6 },
    );
    expect(added).toMatchObject({ id: "n2", name: "javascript2", position: { x: 1, y: 3 } });
    expect(after.nodes.at(-1)).toBe(added);
  });

  it("starts with what the schema requires and with one branch", () => {
    const schema = {
      type: "object" as const,
      properties: { code: { type: "string" as const, default: "return 1" } },
      required: ["code"],
    };
    expect(addNode(graph, type({ configSchema: schema }), { x: 0, y: 0 }).node.config).toEqual({
      code: "return 1",
    });
    expect(addNode(graph, type({ dynamicHandles: "branches" }), { x: 0, y: 0 }).node.config).toEqual({
      branches: [{ id: "branch1", label: "", when: "" }],
    });
  });
});

describe("connecting", () => {
  it("stores no handle for the default output", () => {
    const two = { nodes: [node("a"), node("b")], edges: [] };
    expect(connect(two, { source: "a", handle: "out", target: "b" }).edges).toEqual([
      { id: "e1", source: "a", target: "b" },
    ]);
    expect(connect(two, { source: "a", handle: "big", target: "b" }).edges).toEqual([
      { id: "e1", source: "a", sourceHandle: "big", target: "b" },
    ]);
  });

  it("rejects cycles, duplicates, edges to the start, and unknown nodes", () => {
    expect(canConnect(graph, { source: "b", handle: "out", target: "a" })).toBe(false);
    expect(canConnect(graph, { source: "b", handle: "out", target: "b" })).toBe(false);
    expect(canConnect(graph, { source: "a", handle: "out", target: "b" })).toBe(false);
    expect(canConnect(graph, { source: "b", handle: "out", target: "start" })).toBe(false);
    expect(canConnect(graph, { source: "b", handle: "out", target: "zz" })).toBe(false);
    expect(canConnect(graph, { source: "a", handle: "error", target: "b" })).toBe(true);
    expect(connect(graph, { source: "b", handle: "out", target: "a" })).toBe(graph);
  });

  it("inserts a step into an edge", () => {
    const { graph: after, node: added } = insertOnEdge(graph, "e2", type(), { x: 0, y: 0 }, "out");
    expect(after.edges.map(({ source, target }) => [source, target])).toEqual([
      ["start", "a"],
      ["a", added.id],
      [added.id, "b"],
    ]);
    expect(insertOnEdge(graph, "e2", type(), { x: 0, y: 0 }, undefined).graph.edges).toHaveLength(2);
  });
});

describe("changing", () => {
  it("removes a step with its edges", () => {
    const after = remove(graph, new Set(["a"]));
    expect(after.nodes.map(({ id }) => id)).toEqual(["start", "b"]);
    expect(after.edges).toEqual([]);
    expect(remove(graph, new Set(), new Set(["e1"])).edges.map(({ id }) => id)).toEqual(["e2"]);
  });

  it("joins the only step before removed ones and the only one after them", () => {
    const chain = { ...graph, nodes: [...graph.nodes, node("c")], edges: [...graph.edges, way("b", "c")] };
    const ways = (removed: string[], edges: Graph["edges"] = chain.edges) =>
      removeAndJoin({ ...chain, edges }, new Set(removed)).edges.map(
        ({ source, sourceHandle, target }) => `${source}${sourceHandle ? `:${sourceHandle}` : ""}>${target}`,
      );
    expect(ways(["a"])).toEqual(["b>c", "start>b"]);
    expect(ways(["a", "b"])).toEqual(["start>c"]);
    expect(ways(["c"])).toEqual(["start>a", "a>b"]);
    // Already connected, or more than one way on: nothing is added.
    expect(ways(["b"], [...chain.edges, way("a", "c")])).toEqual(["start>a", "a>c"]);
    expect(ways(["a"], [...chain.edges, way("a", "c")])).toEqual(["b>c"]);
    // What depends on a branch stays apart from what does not; a branch that leads to the step is kept.
    expect(ways(["a"], [way("start", "a"), { ...way("a", "b"), sourceHandle: "yes" }])).toEqual([]);
    expect(ways(["a"], [{ ...way("start", "a"), sourceHandle: "error" }, way("a", "b")])).toEqual([
      "start:error>b",
    ]);
  });

  it("returns the same graph when nothing moved", () => {
    expect(move(graph, new Map([["a", { x: 0.2, y: 0 }]]))).toBe(graph);
    expect(move(graph, new Map([["a", { x: 10.6, y: 0 }]])).nodes[1]?.position).toEqual({ x: 11, y: 0 });
  });

  it("removes fields set to undefined", () => {
    const noted = update(graph, "a", { notes: "hm" });
    expect(noted.nodes[1]?.notes).toBe("hm");
    expect("notes" in (update(noted, "a", { notes: undefined }).nodes[1] ?? {})).toBe(false);
  });

  it("renames a step in others' expressions, and nothing else", () => {
    const after = rename(graph, "a", "users");
    expect(after.nodes[1]?.name).toBe("users");
    expect(after.nodes[2]?.config).toEqual({
      code: "return steps.users.x + steps.ab.y",
      deep: [{ t: "{{ steps.users }}" }],
    });
    expect(rename(graph, "a", "not valid").nodes[2]?.config).toEqual(graph.nodes[2]?.config);
  });

  it("takes any text as a title, which the name follows until it is changed separately", () => {
    const called = (now: Graph) => now.nodes.slice(1).map(({ name, title }) => [name, title]);
    const titled = retitle(graph, "a", " Fetch items ");
    expect(called(titled)).toEqual([
      ["Fetch_items", "Fetch items"],
      ["b", undefined],
    ]);
    expect(titled.nodes[2]?.config["code"]).toBe("return steps.Fetch_items.x + steps.ab.y");
    const twice = retitle(titled, "b", "Fetch items");
    expect(called(twice)[1]).toEqual(["Fetch_items2", "Fetch items"]);
    expect(called(retitle(twice, "b", "load"))[1]).toEqual(["load", undefined]);
    const named = rename(titled, "a", "fetched");
    expect(called(retitle(named, "a", "Load items"))[0]).toEqual(["fetched", "Load items"]);
    expect(called(retitle(graph, "a", "→"))[0]).toEqual(["a", "→"]);
    expect(retitle(graph, "a", "  ")).toBe(graph);
  });
});

describe("copy and paste", () => {
  it("copies steps, the edges between them, and their references", () => {
    const piece = copied(graph, new Set(["start", "a", "b"]));
    expect(piece.nodes.map(({ id }) => id)).toEqual(["a", "b"]);
    const { graph: after, ids } = paste(graph, piece, { by: 24 });
    expect(after.nodes).toHaveLength(5);
    const [first, second] = after.nodes.filter(({ id }) => ids.has(id));
    expect(first).toMatchObject({ name: "a2", position: { x: 24, y: 24 } });
    expect(second?.config).toMatchObject({ code: "return steps.a2.x + steps.ab.y" });
    expect(after.edges.at(-1)).toMatchObject({ source: first?.id, target: second?.id });
    expect(new Set([...after.nodes, ...after.edges].map(({ id }) => id)).size).toBe(8);
  });

  it("puts the upper left corner at the given position", () => {
    const piece = {
      nodes: [node("p", { position: { x: 100, y: 50 } }), node("q", { position: { x: 130, y: 20 } })],
      edges: [],
    };
    const { graph: after } = paste({ nodes: [], edges: [] }, piece, { x: 0, y: 0 });
    expect(after.nodes.map(({ position }) => position)).toEqual([
      { x: 0, y: 30 },
      { x: 30, y: 0 },
    ]);
  });

  it("reads only its own format", () => {
    const piece = copied(graph, new Set(["a", "b"]));
    expect(fromClipboard(toClipboard(piece))).toEqual(piece);
    for (const text of [
      "",
      "hello",
      "null",
      "[]",
      "{}",
      '{"kind":"jet-admin/steps"}',
      '{"kind":"jet-admin/steps","nodes":[{"id":1}],"edges":[]}',
    ])
      expect(fromClipboard(text)).toBeNull();
  });
});
