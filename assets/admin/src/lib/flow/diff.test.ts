import { expect, it } from "vitest";
import type { WorkflowNode } from "@/lib/api/model";
import { diffGraphs } from "./diff";

const node = (id: string, change: Partial<WorkflowNode> = {}): WorkflowNode => ({
  id,
  type: "set",
  name: id,
  config: {},
  position: { x: 0, y: 0 },
  ...change,
});

it("reports what was added, removed and changed, and which fields", () => {
  const before = {
    nodes: [node("a"), node("b"), node("c")],
    edges: [
      { id: "e1", source: "a", target: "b" },
      { id: "e2", source: "b", target: "c" },
    ],
  };
  const after = {
    nodes: [
      node("a", { position: { x: 9, y: 9 } }),
      node("b", { name: "b2", config: { x: 1 }, parentID: "d" }),
      node("d"),
    ],
    edges: [
      { id: "e9", source: "a", target: "b" },
      { id: "e2", source: "a", target: "d" },
    ],
  };
  const diff = diffGraphs(before, after);
  expect(Object.fromEntries(diff.nodes)).toEqual({ b: "changed", c: "removed", d: "added" });
  expect(diff.fields.get("b")).toEqual(["name", "configuration", "loop"]);
  expect(Object.fromEntries(diff.edges)).toEqual({ e2: "added", "removed e2": "removed" });
  expect(diff.graph.nodes.map(({ id }) => id)).toEqual(["a", "b", "d", "c"]);
});

it("finds nothing between a graph and itself", () => {
  const graph = {
    nodes: [node("a", { settings: { disabled: true } as never })],
    edges: [{ id: "e", source: "a", target: "a", sourceHandle: "out" }],
  };
  const diff = diffGraphs(graph, { ...graph, edges: [{ id: "f", source: "a", target: "a" }] });
  expect([diff.nodes.size, diff.edges.size]).toEqual([0, 0]);
});
