import { describe, expect, it } from "vitest";
import type { Graph } from "@/lib/flow/graph";
import { only, partialLoops, upTo } from "./partial";

const step = (id: string, type: string, config: object = {}, rest: object = {}) => ({
  id,
  type,
  name: id,
  config: config as Record<string, unknown>,
  position: { x: 0, y: 0 },
  ...rest,
});
const edge = (way: string) => {
  const [from = "", target = ""] = way.split(">");
  const [source = "", sourceHandle] = from.split(":");
  return { id: way, source, target, ...(sourceHandle ? { sourceHandle } : {}) };
};
const graph: Graph = {
  nodes: [
    step("s", "start"),
    step("read", "httpRequest", { url: "https://example.com" }, { settings: { onError: "branch" } }),
    step("big", "condition"),
    step("send", "email", { to: "{{ steps.read.body.to }}" }),
    step("each", "loop", { items: "{{ steps.read.body.list }}" }),
    step("a", "set", { values: { x: "{{ item }}" } }, { parentID: "each" }),
    step("b", "set", { values: { y: "{{ steps.a.x }}" } }, { parentID: "each" }),
    step("other", "set", { values: {} }, { parentID: "each" }),
    step("after", "end"),
    step("broken", "notify"),
    step("loose", "javascript", { code: "return 1" }),
  ],
  edges: ["s>read", "read>big", "read:error>broken", "big:yes>send", "big:no>each", "a>b", "send>after"].map(
    edge,
  ),
};
const ids = ({ graph: { nodes } }: { graph: Graph }) => nodes.map(({ id }) => id).sort();
const ways = ({ graph: { edges } }: { graph: Graph }) =>
  edges.map(({ source, target }) => `${source}>${target}`).sort();
const names = (nodes: readonly { name: string }[]) => nodes.map(({ name }) => name);

describe("running up to a step", () => {
  it("keeps what leads to the step, and nothing else", () => {
    const part = upTo(graph, "send");
    expect(ids(part)).toEqual(["big", "read", "s", "send"]);
    expect(names(part.before)).toEqual(["read", "big"]);
  });

  it("lets a step fail the run whose error branch is cut off", () => {
    const settings = upTo(graph, "send").graph.nodes.find(({ id }) => id === "read")?.settings;
    expect(settings?.onError).toBe("fail");
    expect(upTo(graph, "broken").graph.nodes.find(({ id }) => id === "read")?.settings?.onError).toBe(
      "branch",
    );
  });

  it("runs a loop with its body, and of a loop around the step only what leads to it", () => {
    expect(ids(upTo(graph, "each"))).toEqual(["a", "b", "big", "each", "other", "read", "s"]);
    expect(ids(upTo(graph, "b"))).toEqual(["a", "b", "big", "each", "read", "s"]);
  });

  it("begins at the start, even if nothing leads to the step yet", () => {
    expect(ways(upTo(graph, "loose"))).toEqual(["s>loose"]);
  });
});

describe("running a step alone", () => {
  const outputs = new Map<string, unknown>([
    ["read", { body: { to: "ann@example.com", list: [1, 2] } }],
    ["big", { branch: "no" }],
    ["a", { x: 1 }],
  ]);

  it("replaces the earlier steps it uses by their known outputs, whatever branch was taken", () => {
    const part = only(graph, "send", outputs);
    expect(ways(part)).toEqual(["read>send", "s>read"]);
    expect(part.graph.nodes.find(({ id }) => id === "read")).toMatchObject({
      type: "set",
      pinnedOutput: outputs.get("read"),
    });
    expect(names(part.before)).toEqual([]);
    expect(names(part.reused)).toEqual(["read"]);
  });

  it("runs the earlier steps whose output it needs and nobody knows", () => {
    const part = only(graph, "send", new Map([["big", { branch: "yes" }]]));
    expect(ways(part)).toEqual(["big>send", "read>big", "s>read"]);
    expect(names(part.before)).toEqual(["read"]);
    expect(names(part.reused)).toEqual(["big"]);
  });

  it("runs the step again whose output is known", () => {
    const part = only(graph, "send", new Map([...outputs, ["send", { sent: true }]]));
    const send = part.graph.nodes.find(({ id }) => id === "send");
    expect(send).toMatchObject({ type: "email" });
    expect(send).not.toHaveProperty("pinnedOutput");
    const up = upTo(graph, "send").graph.nodes.find(({ id }) => id === "send");
    expect(up).not.toHaveProperty("pinnedOutput");
  });

  it("runs the steps of a loop for all items, whatever they returned for the first one", () => {
    const looped = { ...graph, edges: [...graph.edges, { id: "x", source: "each", target: "loose" }] };
    const using = {
      ...looped,
      nodes: looped.nodes.map((node) =>
        node.id === "loose" ? { ...node, config: { code: "return steps.each" } } : node,
      ),
    };
    for (const id of ["each", "loose"]) {
      const { nodes } = only(using, id, outputs).graph;
      expect(nodes.find((node) => node.id === "a")).toBeDefined();
      expect(nodes.find((node) => node.id === "a")).not.toHaveProperty("pinnedOutput");
    }
  });

  it("keeps the step's own pinned output", () => {
    const pinned = {
      ...graph,
      nodes: graph.nodes.map((node) => (node.id === "send" ? { ...node, pinnedOutput: { sent: 1 } } : node)),
    };
    const part = only(pinned, "send", new Map([...outputs, ["send", { sent: 2 }]]));
    expect(part.graph.nodes.find(({ id }) => id === "send")?.pinnedOutput).toEqual({ sent: 1 });
  });

  it("prefers a pinned output", () => {
    const pinned = {
      ...graph,
      nodes: graph.nodes.map((node) => (node.id === "read" ? { ...node, pinnedOutput: { body: {} } } : node)),
    };
    expect(only(pinned, "send", outputs).graph.nodes.find(({ id }) => id === "read")?.pinnedOutput).toEqual({
      body: {},
    });
  });

  it("runs a step in a loop for the first item", () => {
    const part = only(graph, "b", outputs);
    expect(ways(part)).toEqual(["a>b", "read>each", "s>read"]);
    const items = String(part.graph.nodes.find(({ id }) => id === "each")?.config["items"]);
    expect(items).toContain("(steps.read.body.list) }}");
    expect(items).toContain("all.slice(0, 1)");
    expect(part.graph.nodes.find(({ id }) => id === "a")).toMatchObject({ parentID: "each", type: "set" });
  });

  it("leaves a mark of the loops that did not run as a whole", () => {
    expect(partialLoops(only(graph, "b", outputs).graph)).toEqual(["each"]);
    expect(partialLoops(upTo(graph, "b").graph)).toEqual(["each"]);
    for (const id of ["each", "send"]) {
      expect(partialLoops(only(graph, id, outputs).graph)).toEqual([]);
      expect(partialLoops(upTo(graph, id).graph)).toEqual([]);
    }
  });

  it("runs a loop with its body", () => {
    const part = only(graph, "each", outputs);
    expect(ids(part)).toEqual(["a", "b", "each", "other", "read", "s"]);
    expect(ways(part)).toEqual(["a>b", "read>each", "s>read"]);
  });

  it("reuses everything if an expression computes the name of a step", () => {
    const clever = {
      ...graph,
      nodes: graph.nodes.map((node) =>
        node.id === "send" ? { ...node, config: { to: "{{ steps[input.name] }}" } } : node,
      ),
    };
    expect(names(only(clever, "send", outputs).reused)).toEqual(["read", "big"]);
  });
});
