import { describe, expect, it } from "vitest";
import type { Step } from "@/lib/api/model";
import {
  choose,
  chooseFor,
  chosenFromText,
  chosenOf,
  chosenToText,
  nextOf,
  roundsToChoose,
  statesIn,
  stepsIn,
  stepToShow,
} from "./chosen-rounds";
import { nodes, step } from "./rounds.setup";

const steps = [
  step("s"),
  step("each", "", { items: 12 }),
  ...["0", "2", "10"].flatMap((round) => [
    step("a", round),
    step("in", round, { items: 2 }),
    step("b", `${round}/0`),
    step("b", `${round}/1`),
  ]),
  step("z"),
].map((one) => (one.nodeID === "b" && one.iteration === "2/1" ? { ...one, status: "FAILED" as const } : one));
const of = (...values: string[]) => chosenFromText(values);
const places = (found: readonly Step[]) => found.map(({ nodeID, iteration }) => nodeID + iteration);

describe("a selected iteration", () => {
  it("is in the URL", () => {
    expect(chosenToText(of("each:2", "a:b:10"))).toEqual(["each:2", "a:b:10"]);
    expect([...of("each", "each:-1", ":1", "each:1e3", "")]).toEqual([]);
  });

  it("is one of the listed ones; inner loops select within it", () => {
    expect([...roundsToChoose(nodes, steps, of()).entries()]).toEqual([
      ["each", { total: 12, told: [0, 2, 10], failed: [2], chosen: null }],
    ]);
    const rounds = roundsToChoose(nodes, steps, of("each:2", "in:1"));
    expect(rounds.get("in")).toEqual({ total: 2, told: [0, 1], failed: [1], chosen: 1 });
    expect(chosenToText(chosenOf(rounds))).toEqual(["each:2", "in:1"]);
    expect(chosenToText(chosenOf(roundsToChoose(nodes, steps, of("each:1", "in:1", "gone:0"))))).toEqual([]);
  });

  it("hides the steps of the others", () => {
    expect(places(stepsIn(nodes, steps, of("each:2")))).toEqual([
      "s",
      "each",
      "a2",
      "in2",
      "b2/0",
      "b2/1",
      "z",
    ]);
    expect(places(stepsIn(nodes, steps, of("each:2", "in:0")))).toEqual([
      "s",
      "each",
      "a2",
      "in2",
      "b2/0",
      "z",
    ]);
    expect(stepsIn(nodes, steps, of())).toBe(steps);
  });

  it("gives each node its own state, and the loop's frame that of all iterations", () => {
    const states = statesIn(nodes, steps, of("each:2", "in:0"));
    expect(states.get("b")).toMatchObject({ status: "COMPLETED", rounds: 1 });
    expect(states.get("in")).toMatchObject({ rounds: 2, failed: 1 });
    expect(states.get("each")).toMatchObject({ rounds: 12 });
    expect(statesIn(nodes, steps, of("each:0")).get("b")).toMatchObject({ rounds: 2, failed: 0 });
  });

  it("resets the inner selection with the outer", () => {
    expect(chosenToText(choose(nodes, of("each:2", "in:0"), "each", 10))).toEqual(["each:10"]);
    expect(chosenToText(choose(nodes, of("each:2", "in:0"), "in", null))).toEqual(["each:2"]);
    expect(chosenToText(choose(nodes, of("each:2", "in:0"), "each", null))).toEqual([]);
  });

  it("follows the selected step", () => {
    expect(chosenToText(chooseFor(nodes, of("each:2", "in:0"), step("b", "10/1")))).toEqual([
      "each:10",
      "in:1",
    ]);
    expect(chosenToText(chooseFor(nodes, of("each:2", "in:0"), step("b", "2/1")))).toEqual([
      "each:2",
      "in:1",
    ]);
    expect(chosenToText(chooseFor(nodes, of("each:2"), step("a", "0")))).toEqual(["each:0"]);
    expect(chosenToText(chooseFor(nodes, of("each:2"), step("b", "2/1")))).toEqual(["each:2"]);
    expect(chosenToText(chooseFor(nodes, of("each:2"), step("b", "10/1")))).toEqual(["each:10"]);
    expect(chosenToText(chooseFor(nodes, of(), step("b", "2/1")))).toEqual([]);
  });

  it("selects the same step in it, or a failure, or the first", () => {
    const shown = (chosen: string[], before?: Step) => {
      const found = stepToShow(nodes, steps, of(...chosen), "each", before);
      return found && found.nodeID + found.iteration;
    };
    expect(shown(["each:10"], step("a", "0"))).toBe("a10");
    expect(shown(["each:2"])).toBe("b2/1");
    expect(shown(["each:0"], step("each"))).toBe("a0");
    expect(shown(["each:0"], step("z"))).toBe("a0");
  });

  it("moves from one to the next, and wraps around", () => {
    expect([nextOf([2, 5], null), nextOf([2, 5], 2), nextOf([2, 5], 5), nextOf([], 1)]).toEqual([
      2,
      5,
      2,
      undefined,
    ]);
  });
});
