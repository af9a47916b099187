import { describe, expect, it } from "vitest";
import { countedFromOne, itemCount, itemName, linesOf, loopProgress, roundsOf, type Line } from "./rounds";
import { nodes, step } from "./rounds.setup";

const words = (lines: readonly Line[]) =>
  lines.map(
    (line) =>
      "  ".repeat(line.depth) +
      (line.kind === "step"
        ? `${line.step.nodeID}${line.step.iteration && `[${line.step.iteration}]`}`
        : `#${line.index} ${line.status} ${line.steps.length}`),
  );

describe("loopProgress", () => {
  it("counts the iterations whose steps are all finished", () => {
    const steps = [
      step("each", "", { status: "RUNNING", input: { items: [1, 2, 3] } }),
      step("a", "0"),
      step("in", "0", { input: { items: 0 } }),
      step("a", "1"),
      step("in", "1", { status: "RUNNING", input: { items: 2 } }),
      step("b", "1/0"),
    ];
    const found = loopProgress(nodes, steps);
    expect(found.get("each")).toEqual({ total: 3, done: 1, failed: 0 });
    expect(found.get("in")).toEqual({ total: 2, done: 1, failed: 0 });
  });

  it("counts failed iterations as finished, and open ones not", () => {
    const steps = [
      step("each", "", { status: "RUNNING", items: 4 }),
      step("a", "0", { status: "FAILED" }),
      step("a", "1", { status: "FAILED" }),
      step("in", "1", { status: "WAITING" }),
    ];
    expect(loopProgress(nodes, steps).get("each")).toEqual({ total: 4, done: 1, failed: 1 });
  });

  it("trusts a finished loop though not all of its iterations are listed", () => {
    expect(
      loopProgress(nodes, [step("each", "", { items: 9000 }), step("a", "0")]).get("each"),
    ).toMatchObject({ total: 9000, done: 9000 });
  });

  it("knows the number of items from the loop's input", () => {
    expect(itemCount({ input: { items: { a: 1, b: 2 } } })).toBe(2);
    expect(itemCount({ input: { items: 7 } })).toBe(7);
    expect(itemCount({ input: null })).toBeNull();
    expect(itemCount({ input: { items: [1] }, items: 5 })).toBe(5);
  });
});

describe("linesOf", () => {
  const steps = [
    step("s"),
    step("each"),
    step("a", "10"),
    step("a", "2"),
    step("in", "2"),
    step("b", "2/0", { status: "FAILED" }),
    step("z"),
  ];

  it("collapses iterations, in the order of the items", () => {
    expect(words(linesOf(nodes, steps, () => false))).toEqual([
      "s",
      "each",
      "  #2 COMPLETED 2",
      "  #10 COMPLETED 1",
      "z",
    ]);
  });

  it("expands iterations, also nested ones", () => {
    expect(words(linesOf(nodes, steps, (_, index) => index !== 10))).toEqual([
      "s",
      "each",
      "  #2 COMPLETED 2",
      "    a[2]",
      "    in[2]",
      "      #0 FAILED 1",
      "        b[2/0]",
      "  #10 COMPLETED 1",
      "z",
    ]);
  });

  it("lists iterations whose loop is missing", () => {
    expect(words(linesOf(nodes, [step("a", "3")], () => true))).toEqual(["#3 COMPLETED 1", "  a[3]"]);
  });

  it("handles thousands of iterations", () => {
    const many = [step("each"), ...Array.from({ length: 5000 }, (_, index) => step("a", String(index)))];
    expect(linesOf(nodes, many, () => false)).toHaveLength(5001);
  });

  it("knows the iterations around a step, and the labels of their items", () => {
    expect(roundsOf(nodes, { nodeID: "b", iteration: "2/0" })).toEqual(["each 2", "in 2/0"]);
    expect(roundsOf(nodes, { nodeID: "z", iteration: "" })).toEqual([]);
    expect([
      itemName({ id: 4, name: "Nordwind" }),
      itemName(7),
      itemName(["x"]),
      itemName({ deep: {} }),
    ]).toEqual(["Nordwind", "7", "", ""]);
  });
});

it("counts iterations from one for people", () => {
  expect(["0", "2/0"].map(countedFromOne)).toEqual(["1", "3/1"]);
});
