import { describe, expect, it } from "vitest";
import type { Graph } from "@/lib/flow/graph";
import { groupBy } from "@/lib/group-by";
import { autoLayout } from "./auto-layout";

const size = () => ({ width: 200, height: 50 });
const of = (edges: string[], extra: string[] = []): Graph => {
  const pairs = edges.map((edge) => edge.split(/[>:]/) as [string, string, string?]);
  const ids = [...new Set([...pairs.flatMap(([a, b]) => [a, b]), ...extra])];
  return {
    nodes: ids.map((id) => ({
      id,
      type: id === "s" ? "start" : "javascript",
      name: id,
      config: {},
      position: { x: 0, y: 0 },
    })),
    edges: pairs.map(([source, target, handle], index) => ({
      id: `e${index}`,
      source,
      target,
      ...(handle ? { sourceHandle: handle } : {}),
    })),
  };
};
const place = (graph: Graph) => {
  const positions = autoLayout(graph, size, (_, handle) => ["yes", "no"].indexOf(handle));
  return (id: string) => positions.get(id) ?? { x: NaN, y: NaN };
};

describe("autoLayout", () => {
  it("puts a chain on one line", () => {
    const at = place(of(["s>a", "a>b"]));
    expect([at("s").y, at("a").y, at("b").y]).toEqual([0, 0, 0]);
    expect(at("s").x).toBeLessThan(at("a").x);
    expect(at("b").x - at("a").x).toBe(256);
  });

  it("puts a merge point right of all its predecessors", () => {
    const at = place(of(["s>a", "a>b", "b>m", "s>m"]));
    expect(at("m").x).toBeGreaterThan(at("b").x);
  });

  it("keeps the order of a condition's branches, and centers it on them", () => {
    const at = place(of(["s>n:no", "s>y:yes", "y>m", "n>m"]));
    expect(at("y").y).toBeLessThan(at("n").y);
    expect(at("s").y).toBe((at("y").y + at("n").y) / 2);
    expect(at("m").y).toBe(at("s").y);
  });

  it("never lets two steps touch", () => {
    const edges = Array.from({ length: 40 }, (_, index) => `n${index % 7}>n${7 + ((index * 5) % 23)}`);
    const graph = of(edges, ["alone", "other"]);
    const positions = [...autoLayout(graph, size, () => 0).values()];
    for (const [index, a] of positions.entries()) {
      for (const b of positions.slice(index + 1))
        expect(Math.abs(a.x - b.x) >= 200 || Math.abs(a.y - b.y) >= 50).toBe(true);
    }
  });

  it("survives cycles, dangling edges and long chains", () => {
    const cyclic = of(["a>b", "b>c", "c>a", "c>d"]);
    cyclic.edges.push({ id: "x", source: "d", target: "nowhere" });
    expect(
      [...autoLayout(cyclic, size, () => 0).values()].every(
        ({ x, y }) => Number.isFinite(x) && Number.isFinite(y),
      ),
    ).toBe(true);
    const chain = of(Array.from({ length: 999 }, (_, index) => `n${index}>n${index + 1}`));
    expect(autoLayout(chain, size, () => 0).size).toBe(1000);
  });

  it("wraps a long chain into rows that are readable without panning sideways", () => {
    const at = place(of(Array.from({ length: 14 }, (_, index) => `n${index}>n${index + 1}`)));
    const rows = groupBy(
      Array.from({ length: 15 }, (_, index) => at(`n${index}`)),
      ({ y }) => y,
    );
    expect([...rows.values()].map(({ length }) => length)).toEqual([6, 6, 3]);
    for (const row of rows.values()) expect(row[0]?.x).toBe(0);
  });

  it("does not wrap in the middle of branches if it can wrap before them", () => {
    const at = place(of(["s>a", "a>b", "b>c", "c>d", "d>y", "d>n", "y>m", "n>m", "m>e", "e>f"]));
    expect(at("c").y).toBe(0);
    expect(at("d").x).toBe(0);
    for (const id of ["d", "y", "n", "m"]) expect(at(id).y).toBeGreaterThan(100);
  });
});
