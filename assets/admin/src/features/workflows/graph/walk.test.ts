import { describe, expect, it } from "vitest";
import type { NodeType } from "@/lib/api/model";
import type { Graph } from "@/lib/flow/graph";
import { findSteps, neighborOf, placeAfterSelected } from "./walk";

const typeOf = (type: string, ...handles: string[]): NodeType => ({
  type,
  name: type === "httpRequest" ? "HTTP request" : type,
  category: "c",
  description: "",
  configSchema: {},
  dynamicHandles: null,
  handles: handles.map((id) => ({ id, label: id })),
  ignoredSettings: [],
});
const types = [
  typeOf("start", "out"),
  typeOf("httpRequest", "out"),
  typeOf("condition", "yes", "no"),
  typeOf("loop", "out"),
  typeOf("end"),
];
const node = (id: string, type: string, rest = {}) => ({
  id,
  type,
  name: id,
  config: {},
  position: { x: 0, y: 0 },
  ...rest,
});
const graph: Graph = {
  nodes: [
    node("s", "start"),
    node("ask", "condition"),
    node("call", "httpRequest", { config: { url: "https://api.example.com/orders" } }),
    node("each", "loop"),
    node("inner", "httpRequest", { parentID: "each", notes: "Sends the reminder" }),
  ],
  edges: [
    { id: "e1", source: "s", target: "ask" },
    { id: "e2", source: "ask", sourceHandle: "yes", target: "call" },
    { id: "e3", source: "call", target: "each" },
  ],
};
const at = (id: string) => graph.nodes.find((candidate) => candidate.id === id);

describe("adding after a step", () => {
  it("uses the first output that leads nowhere", () => {
    expect(placeAfterSelected(graph, types, at("ask"))).toEqual({ from: { nodeID: "ask", handle: "no" } });
  });

  it("inserts where all outputs are connected", () => {
    expect(placeAfterSelected(graph, types, at("call"))).toEqual({ edgeID: "e3" });
  });

  it("fills an empty loop, and follows one that is not", () => {
    const empty = { ...graph, nodes: graph.nodes.filter(({ id }) => id !== "inner") };
    expect(placeAfterSelected(empty, types, at("each"))).toEqual({ into: "each" });
    expect(placeAfterSelected(graph, types, at("each"))).toEqual({ from: { nodeID: "each", handle: "out" } });
  });

  it("continues the path from the start if nothing is selected", () => {
    expect(placeAfterSelected(graph, types, undefined)).toEqual({ from: { nodeID: "each", handle: "out" } });
    expect(placeAfterSelected({ nodes: [], edges: [] }, types, undefined)).toEqual({});
  });
});

describe("walking along the steps", () => {
  it("follows edges, and enters and leaves loops", () => {
    expect(neighborOf(graph, "s", "next")).toBe("ask");
    expect(neighborOf(graph, "ask", "previous")).toBe("s");
    expect(neighborOf(graph, "each", "next")).toBe("inner");
    expect(neighborOf(graph, "inner", "previous")).toBe("each");
    expect(neighborOf(graph, "inner", "next")).toBeUndefined();
  });
});

describe("finding steps", () => {
  const found = (text: string) => findSteps(graph, types, text).map(({ id }) => id);

  it("looks at names, types, notes and settings", () => {
    expect(found("ask")).toEqual(["ask"]);
    expect(found("http")).toEqual(["call", "inner"]);
    expect(found("reminder")).toEqual(["inner"]);
    expect(found("/orders")).toEqual(["call"]);
    expect(found("nowhere")).toEqual([]);
  });

  it("lists all steps for no text", () => {
    expect(found(" ")).toHaveLength(5);
  });
});
