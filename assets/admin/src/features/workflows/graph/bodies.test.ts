import { describe, expect, it } from "vitest";
import type { WorkflowEdge, WorkflowNode } from "@/lib/api/model";
import { bodyProblem, fitted, inset, loopAt, placeOf, sizesOf, withBodies } from "@/lib/flow/loops";
import { moveInto, placeInside, settle } from "./bodies";
import { addNode, connectProblem, insertOnEdge, move, remove } from "./commands";
import { autoLayout } from "./auto-layout";
import { copied, paste } from "./pieces";

const node = (id: string, type: string, x: number, y: number, parentID?: string): WorkflowNode => ({
  id,
  type,
  name: id,
  config: {},
  position: { x, y },
  ...(parentID ? { parentID } : {}),
});
const edge = (source: string, target: string): WorkflowEdge => ({
  id: `${source}>${target}`,
  source,
  target,
});
const sizes = (nodes: readonly WorkflowNode[]) => sizesOf(nodes, () => ({ width: 192, height: 48 }));

/** start > each(a > b, inner(c)) > after > end */
const graph = {
  nodes: [
    node("start", "start", 0, 0),
    node("each", "loop", 300, 0),
    node("a", "set", 40, 80, "each"),
    node("b", "set", 300, 80, "each"),
    node("inner", "loop", 40, 200, "each"),
    node("c", "set", 40, 80, "inner"),
    node("after", "set", 1000, 0),
    node("end", "end", 1300, 0),
  ],
  edges: [edge("start", "each"), edge("a", "b"), edge("each", "after"), edge("after", "end")],
};
const at = (nodes: readonly WorkflowNode[], id: string) => nodes.find((one) => one.id === id);

describe("a loop's body", () => {
  it("determines the loop's size, inner loops first", () => {
    const found = sizes(graph.nodes);
    expect(found.get("inner")).toEqual({ width: 280, height: 152 });
    expect(found.get("each")).toEqual({ width: 300 + 192 + inset.right, height: 200 + 152 + inset.bottom });
  });

  it("grows to the left and upwards with moved steps, while everything else stays", () => {
    const after = move(graph, new Map([["a", { x: -60, y: 20 }]]));
    expect(placeOf(after.nodes, "a")).toEqual({ x: 240, y: 20 });
    expect(placeOf(after.nodes, "b")).toEqual({ x: 600, y: 80 });
    expect(at(after.nodes, "a")?.position).toEqual({ x: inset.left, y: inset.top });
    expect(fitted(after)).toBe(after);
  });

  it("is copied and removed with the loop", () => {
    expect([...withBodies(graph.nodes, new Set(["each"]))]).toEqual(["each", "a", "b", "inner", "c"]);
    const left = remove(graph, new Set(["each"]));
    expect(left.nodes.map(({ id }) => id)).toEqual(["start", "after", "end"]);
    expect(left.edges.map(({ id }) => id)).toEqual(["after>end"]);
  });

  it("tolerates nodes that are inside themselves or in no loop", () => {
    const broken = [
      node("x", "loop", 0, 0, "y"),
      node("y", "loop", 0, 0, "x"),
      node("z", "set", 0, 0, "gone"),
      node("w", "set", 0, 0, "z"),
    ];
    expect(fitted({ nodes: broken, edges: [] }).nodes).toHaveLength(4);
    expect(sizes(broken).size).toBe(4);
    expect(loopAt(broken, sizes(broken), { x: 5, y: 5 })).toBeDefined();
  });
});

describe("dropping steps", () => {
  it("puts them into the loop below them, at the same position, and removes edges that would cross its boundary", () => {
    const { graph: after, cut, refused } = settle(graph, new Map([["after", { x: 400, y: 300 }]]), sizes);
    expect(at(after.nodes, "after")?.parentID).toBe("inner");
    expect(placeOf(after.nodes, "after")).toEqual({ x: 400, y: 300 });
    expect([cut, refused]).toEqual([2, null]);
    expect(after.edges.map(({ id }) => id)).toEqual(["start>each", "a>b"]);
  });

  it("takes them out again", () => {
    const { graph: after, cut } = settle(graph, new Map([["b", { x: 900, y: 400 }]]), sizes);
    expect(at(after.nodes, "b")).not.toHaveProperty("parentID");
    expect(placeOf(after.nodes, "b")).toEqual({ x: 1200, y: 400 });
    expect(cut).toBe(1);
  });

  it("keeps a step in its loop if it only moves within it", () => {
    const { graph: after, cut } = settle(graph, new Map([["b", { x: 320, y: 100 }]]), sizes);
    expect(at(after.nodes, "b")).toMatchObject({ parentID: "each", position: { x: 320, y: 100 } });
    expect(cut).toBe(0);
  });

  it("rejects start and end steps, and a loop in itself", () => {
    const { graph: after, refused } = settle(graph, new Map([["end", { x: 400, y: 60 }]]), sizes);
    expect(at(after.nodes, "end")).not.toHaveProperty("parentID");
    expect(refused).toContain("cannot be inside a loop");
    expect(bodyProblem(graph.nodes, "each", "inner")).toContain("inside itself");
    const deep = Array.from({ length: 5 }, (_, index) =>
      node(`l${index}`, "loop", 0, 0, index ? `l${index - 1}` : undefined),
    );
    expect(bodyProblem([...deep, node("l5", "loop", 0, 0)], "l5", "l4")).toContain("5 deep");
    expect(bodyProblem([...deep, node("s", "set", 0, 0)], "s", "l4")).toBeNull();
  });

  it("moves by name, too: into a loop at its end, out of it below it", () => {
    const inside = moveInto(graph, "after", "each", sizes);
    expect(inside.graph.nodes.find(({ id }) => id === "after")).toMatchObject({
      parentID: "each",
      position: { y: 80 },
    });
    expect(inside.cut).toBe(2);
    expect(at(moveInto(graph, "c", undefined, sizes).graph.nodes, "c")?.position.y).toBeGreaterThan(200);
    expect(placeInside(graph, sizes(graph.nodes), "inner")).toEqual({ x: 40 + 192 + 56, y: 80 });
  });
});

describe("edges", () => {
  it("do not cross a loop's boundary", () => {
    const why = (source: string, target: string) => connectProblem(graph, { source, handle: "out", target });
    expect(why("start", "a")).toContain("not in the same loop");
    expect(why("each", "a")).toContain("starts automatically");
    expect(why("b", "inner")).toBeNull();
    expect(why("end", "start")).toContain("start");
    expect(why("b", "a")).toContain("cycle");
  });

  it("take a step inserted into them into their loop", () => {
    const { node: added } = insertOnEdge(
      graph,
      "a>b",
      {
        type: "set",
        name: "Set",
        category: "",
        description: "",
        configSchema: {},
        handles: [],
        dynamicHandles: null,
        ignoredSettings: [],
      },
      { x: 0, y: 0 },
      "out",
    );
    expect(added.parentID).toBe("each");
    expect(
      addNode(
        graph,
        {
          type: "set",
          name: "Set",
          category: "",
          description: "",
          configSchema: {},
          handles: [],
          dynamicHandles: null,
          ignoredSettings: [],
        },
        { x: 0, y: 0 },
      ).node,
    ).not.toHaveProperty("parentID");
  });
});

describe("copies of loops", () => {
  it("contain their bodies with new names", () => {
    const { graph: after, ids } = paste(graph, copied(graph, new Set(["each"])), { by: 32 });
    expect(ids.size).toBe(5);
    const loop = after.nodes.find(({ name }) => name === "each2");
    const body = after.nodes.filter(({ parentID }) => parentID === loop?.id);
    expect(body.map(({ name }) => name)).toEqual(["a2", "b2", "inner2"]);
    expect(body[0]?.position).toEqual({ x: 40, y: 80 });
  });

  it("are placed beside the original in its loop, or in the loop they are pasted into", () => {
    const piece = copied(graph, new Set(["c"]));
    expect(paste(graph, piece, { by: 32 }).graph.nodes.at(-1)).toMatchObject({
      parentID: "inner",
      position: { x: 72, y: 112 },
    });
    expect(paste(graph, piece, { x: 400, y: 90, loop: "each" }).graph.nodes.at(-1)).toMatchObject({
      parentID: "each",
      position: { x: 400, y: 90 },
    });
    expect(paste(graph, piece, { x: 5, y: 5 }).graph.nodes.at(-1)).not.toHaveProperty("parentID");
    expect(
      paste(graph, copied(graph, new Set(["end"])), { x: 400, y: 90, loop: "each" }).graph.nodes.at(-1),
    ).not.toHaveProperty("parentID");
  });
});

describe("automatic layout", () => {
  it("arranges bodies within their loops, and successors right of them", () => {
    const places = autoLayout(
      graph,
      () => ({ width: 192, height: 48 }),
      () => 0,
    );
    expect(places.get("c")).toEqual({ x: inset.left, y: inset.top });
    expect(places.get("b")?.y).toBe(places.get("a")?.y);
    const laid = move(graph, places);
    const size = sizes(laid.nodes).get("each");
    expect(places.get("after")?.x).toBe((places.get("each")?.x ?? 0) + (size?.width ?? 0) + 56);
  });
});
