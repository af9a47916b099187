import { describe, expect, it } from "vitest";
import type { NodeType, WorkflowNode } from "@/lib/api/model";
import { drawnHandles, handlesOf } from "./handles";

const type = (change: Partial<NodeType>): NodeType => ({
  type: "t",
  name: "T",
  category: "",
  description: "",
  configSchema: {},
  handles: [
    { id: "out", label: "Next" },
    { id: "error", label: "On error" },
  ],
  dynamicHandles: null,
  ignoredSettings: [],
  ...change,
});
const node = (change: Partial<WorkflowNode>): WorkflowNode => ({
  id: "n1",
  type: "t",
  name: "a",
  config: {},
  position: { x: 0, y: 0 },
  ...change,
});
const ids = (handles: { id: string }[]) => handles.map(({ id }) => id);

describe("handlesOf", () => {
  it("includes the error handle only when errors branch", () => {
    expect(ids(handlesOf(node({}), type({})))).toEqual(["out"]);
    expect(ids(handlesOf(node({ settings: { onError: "continue" } }), type({})))).toEqual(["out"]);
    expect(ids(handlesOf(node({ settings: { onError: "branch" } }), type({})))).toEqual(["out", "error"]);
  });

  it("returns a handle for each branch, in order, before the default", () => {
    const condition = type({ handles: [{ id: "default", label: "Otherwise" }], dynamicHandles: "branches" });
    const config = { branches: [{ id: "big", label: "Big" }, { id: "small" }, { label: "no id" }, null, 3] };
    expect(handlesOf(node({ config }), condition)).toEqual([
      { id: "big", label: "Big" },
      { id: "small", label: "small" },
      { id: "default", label: "Otherwise" },
    ]);
    expect(ids(handlesOf(node({ config: { branches: "nonsense" } }), condition))).toEqual(["default"]);
  });

  it("adds the default of branching types that do not list it", () => {
    expect(
      ids(
        handlesOf(node({ config: { cases: [{ id: "a" }] } }), type({ handles: [], dynamicHandles: "cases" })),
      ),
    ).toEqual(["a", "default"]);
  });

  it("gives an unknown type one output, and an end none", () => {
    expect(ids(handlesOf(node({}), undefined))).toEqual(["out"]);
    expect(handlesOf(node({}), type({ handles: [] }))).toEqual([]);
  });
});

describe("drawnHandles", () => {
  it("keeps handles that edges still use, marked", () => {
    const edges = [
      { id: "e1", source: "n1", target: "n2" },
      { id: "e2", source: "n1", sourceHandle: "gone", target: "n2" },
      { id: "e3", source: "other", sourceHandle: "foreign", target: "n2" },
    ];
    expect(drawnHandles(node({}), type({}), edges)).toEqual([
      { id: "out", label: "Next" },
      { id: "gone", label: "gone", stale: true },
    ]);
  });
});
