import { describe, expect, it } from "vitest";
import type { WorkflowNode } from "@/lib/api/model";
import { fitted, loopsAround, placesOf, sizesOf, withBodies } from "@/lib/flow/loops";
import { moveInto, settle } from "./bodies";
import { makeRoom } from "./room";

const node = (id: string, type: string, x: number, y: number, parentID?: string): WorkflowNode => ({
  id,
  type,
  name: id,
  config: {},
  position: { x, y },
  ...(parentID ? { parentID } : {}),
});
const sizes = (nodes: readonly WorkflowNode[]) => sizesOf(nodes, () => ({ width: 192, height: 48 }));
const graphOf = (...nodes: WorkflowNode[]) => ({ nodes, edges: [] });
const places = (nodes: readonly WorkflowNode[]) =>
  Object.fromEntries([...placesOf(nodes)].map(([id, { x, y }]) => [id, [x, y]]));

/** Returns the pairs of nodes on a level that overlap, at least one of them a loop. */
function covered(nodes: readonly WorkflowNode[]): string[] {
  const [found, at] = [sizes(nodes), placesOf(nodes)];
  const around = loopsAround(nodes);
  const rects = nodes.map(({ id, type }) => ({
    id,
    type,
    loop: around.get(id)?.[0],
    ...(at.get(id) ?? { x: 0, y: 0 }),
    ...(found.get(id) ?? { width: 0, height: 0 }),
  }));
  return rects.flatMap((a, index) =>
    rects
      .slice(index + 1)
      .filter(
        (b) =>
          (a.type === "loop" || b.type === "loop") &&
          a.loop === b.loop &&
          a.x < b.x + b.width &&
          b.x < a.x + a.width &&
          a.y < b.y + b.height &&
          b.y < a.y + a.height,
      )
      .map((b) => `${a.id} ${b.id}`),
  );
}

/** start, a loop with one step, its successor, and one below */
const row = graphOf(
  node("start", "start", 0, 0),
  node("each", "loop", 240, 0),
  node("a", "set", 32, 72, "each"),
  node("next", "set", 560, 0),
  node("last", "set", 800, 0),
  node("low", "set", 300, 160),
);

describe("making room for a growing loop", () => {
  it("moves nothing when nothing is covered", () => {
    const wide = graphOf(
      ...row.nodes.map((one) =>
        one.id === "next" || one.id === "last"
          ? { ...one, position: { x: one.position.x + 600, y: 0 } }
          : one,
      ),
    );
    const { graph } = settle(wide, new Map([["a", { x: 170, y: 72 }]]), sizes);
    expect(places(graph.nodes)).toEqual({ ...places(wide.nodes), a: [410, 72] });
    expect(makeRoom(row, row, sizes)).toBe(row);
  });

  it("pushes successors to the right, and theirs in turn, just far enough and in order", () => {
    const { graph } = settle(row, new Map([["a", { x: 170, y: 72 }]]), sizes);
    const right = 240 + 170 + 192 + 48;
    expect(places(graph.nodes)).toMatchObject({
      start: [0, 0],
      each: [240, 0],
      next: [right + 40, 0],
      last: [right + 40 + 192 + 40, 0],
    });
    expect(covered(graph.nodes)).toEqual([]);
  });

  it("pushes steps to the left of the frame's left edge", () => {
    const { graph } = settle(row, new Map([["a", { x: -60, y: 72 }]]), sizes);
    expect(places(graph.nodes)).toMatchObject({
      each: [148, 0],
      a: [180, 72],
      start: [148 - 40 - 192, 0],
      next: [560, 0],
    });
  });

  it("pushes steps below down, and steps above up", () => {
    const down = settle(row, new Map([["a", { x: 32, y: 110 }]]), sizes).graph;
    expect(places(down.nodes)["low"]).toEqual([300, 110 + 48 + 24 + 24]);
    const above = graphOf(...row.nodes, node("high", "set", 260, -80));
    const up = settle(above, new Map([["a", { x: 32, y: 20 }]]), sizes).graph;
    expect(places(up.nodes)).toMatchObject({ each: [240, -52], high: [260, -52 - 24 - 48] });
  });

  it("grows the loops around it", () => {
    const nested = graphOf(
      node("outer", "loop", 0, 0),
      node("inner", "loop", 32, 72, "outer"),
      node("a", "set", 32, 72, "inner"),
      node("b", "set", 340, 72, "outer"),
      node("after", "set", 660, 0),
    );
    const { graph } = settle(nested, new Map([["a", { x: 132, y: 72 }]]), sizes);
    const inner = 32 + 132 + 192 + 48;
    expect(places(graph.nodes)).toMatchObject({
      inner: [32, 72],
      b: [inner + 40, 72],
      after: [inner + 40 + 192 + 48 + 40, 0],
    });
    expect(covered(graph.nodes)).toEqual([]);
  });

  it("makes room for a new loop, but not for one that is dragged", () => {
    const fresh = graphOf(...row.nodes, node("more", "loop", 500, 20));
    expect(covered(makeRoom(fresh, row, sizes).nodes)).toEqual([]);
    expect(makeRoom(fresh, row, sizes, new Set(["more"]))).toBe(fresh);
  });

  it("makes room for steps that are moved in by name", () => {
    const { graph } = moveInto(row, "low", "each", sizes);
    expect(covered(graph.nodes)).toEqual([]);
    expect(places(graph.nodes)["start"]).toEqual([0, 0]);
  });
});

/** Returns reproducible numbers from 0 to 1. */
function numbers(seed: number) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Generates loops and steps that do not touch, with some nested loops. */
function someGraph(next: () => number) {
  const nodes: WorkflowNode[] = [];
  for (let column = 0; column < 6; column += 1) {
    for (let line = 0; line < 5; line += 1) {
      const [x, y] = [column * 620 + Math.floor(next() * 60), line * 460 + Math.floor(next() * 60)];
      const id = `${column}${line}`;
      const kind = next();
      if (kind < 0.2) continue;
      nodes.push(node(id, kind < 0.5 ? "loop" : "set", x, y));
      if (kind < 0.45) nodes.push(node(`${id}a`, "set", 40, 80, id));
      if (kind < 0.3)
        nodes.push(node(`${id}l`, "loop", 40, 160, id), node(`${id}b`, "set", 40, 80, `${id}l`));
    }
  }
  return graphOf(...nodes);
}

it("never leaves a frame over a step outside it, and is deterministic", () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const next = numbers(seed);
    const graph = someGraph(next);
    const steps = graph.nodes.filter(({ parentID }) => parentID);
    expect(covered(graph.nodes)).toEqual([]);
    const to = new Map(
      steps
        .filter(() => next() < 0.4)
        .map(({ id, position: { x, y } }) => [
          id,
          { x: x + Math.floor((next() - 0.4) * 700), y: y + Math.floor((next() - 0.4) * 500) },
        ]),
    );
    const moved = fitted(
      graphOf(...graph.nodes.map((one) => ({ ...one, position: to.get(one.id) ?? one.position }))),
    );
    // As the arrow keys do: a step stays in its loop however far it moves, and keeps its position.
    const carried = withBodies(graph.nodes, new Set(to.keys()));
    const room = () => makeRoom(moved, graph, sizes, carried);
    const made = room();
    expect(covered(made.nodes).filter((pair) => !pair.split(" ").some((id) => to.has(id)))).toEqual([]);
    expect(room()).toEqual(made);
  }
});
