import { describe, expect, it } from "vitest";
import { errorsWithin, isStale, presentProblems, problemsOfDetails } from "./problems";

const nodes = ["a", "b"].map((id) => ({ id, type: "t", name: id, config: {}, position: { x: 0, y: 0 } }));

describe("problems", () => {
  it("finds the node of a path in a rejected request", () => {
    const problems = problemsOfDetails(
      [
        { path: "nodes[1].config.queryID", message: "is missing" },
        { path: "/nodes/0/name", message: "bad" },
        { path: "nodes", message: "no start" },
      ],
      nodes,
    );
    expect(problems.map(({ nodeID }) => nodeID)).toEqual(["b", "a", undefined]);
  });

  it("shows a node's errors in its form, without warnings and other nodes' errors", () => {
    const problems = [
      {
        nodeID: "b",
        path: "nodes[1].config.branches[0].when",
        message: "is empty",
        severity: "error" as const,
      },
      {
        nodeID: "b",
        path: "nodes[1].config.branches[0].when",
        message: "is odd",
        severity: "error" as const,
      },
      { nodeID: "b", path: "nodes[1]", message: "nothing leads to it", severity: "warning" as const },
      { nodeID: "a", path: "nodes[0].name", message: "bad", severity: "error" as const },
    ];
    expect(errorsWithin(problems, "b")).toEqual({ "config.branches[0].when": "is empty; is odd" });
  });

  it("drops problems of steps that were deleted or changed since", () => {
    const problems = [
      { message: "whole" },
      { nodeID: "a", message: "kept" },
      { nodeID: "b", message: "mended" },
      { nodeID: "gone", message: "dropped" },
    ].map((problem) => ({ ...problem, path: "", severity: "error" as const }));
    const now = nodes.map((node) =>
      node.id === "a" ? { ...node, position: { x: 9, y: 9 } } : { ...node, config: { code: "1" } },
    );
    expect(presentProblems(problems, nodes, now).map(({ message }) => message)).toEqual(["whole", "kept"]);
    expect(presentProblems(problems, nodes, nodes)).toHaveLength(3);
  });

  it("are stale when something relevant has changed", () => {
    const edges = [{ id: "e", source: "a", target: "b" }];
    const graph = { nodes, edges };
    const changed = (change: object) => ({
      nodes: nodes.map((node) => (node.id === "b" ? { ...node, ...change } : node)),
      edges,
    });
    expect(isStale(graph, changed({ position: { x: 5, y: 5 }, notes: "hm" }))).toBe(false);
    expect(isStale(graph, changed({ config: { code: "1" } }))).toBe(true);
    expect(isStale(graph, { nodes, edges: [] })).toBe(true);
    expect(isStale(graph, { nodes: nodes.slice(1), edges })).toBe(true);
  });
});
