import { describe, expect, it } from "vitest";
import type { Run, Step } from "@/lib/api/model";
import type { Graph } from "@/lib/flow/graph";
import { only } from "../graph/partial";
import { lastOf, outputsOf, withRun, type KnownSteps } from "./known-steps";

const step = (id: string, type: string, rest: object = {}) => ({
  id,
  type,
  name: id,
  config: { items: [1, 2, 3] } as Record<string, unknown>,
  position: { x: 0, y: 0 },
  ...rest,
});
const graph: Graph = {
  nodes: [step("s", "start"), step("each", "loop"), step("a", "set", { parentID: "each" })],
  edges: [{ id: "e", source: "s", target: "each" }],
};
const executed = (nodeID: string, output: unknown, iteration = ""): Step =>
  ({ nodeID, iteration, output, status: "COMPLETED", outputOmitted: false }) as Step;
const run = ({ nodes, edges }: Graph, ...steps: Step[]): Run => ({ nodes, edges, steps }) as unknown as Run;

const none: KnownSteps = new Map();
const whole = run(graph, executed("each", [1, 2, 3]), executed("a", 1, "0"));
const part = run(only(graph, "a", new Map()).graph, executed("each", [9]), executed("a", 9, "0"));

describe("the known outputs after a step in a loop was tested", () => {
  it("keep that of the whole loop, in either order", () => {
    const after = withRun(withRun(none, whole), part);
    expect(outputsOf(after).get("each")).toEqual([1, 2, 3]);
    expect(outputsOf(after).get("a")).toBe(9);
    expect(outputsOf(withRun(withRun(none, part), whole)).get("each")).toEqual([1, 2, 3]);
  });

  it("do not take the first item's for that of the loop", () => {
    const after = withRun(none, part);
    expect(outputsOf(after).has("each")).toBe(false);
    // Its input still tells what an item looks like.
    expect(after.has("each")).toBe(true);
  });

  it("still show the whole loop, but the test of the step", () => {
    const after = withRun(withRun(none, whole), part);
    expect(lastOf(after, part, "each")?.step.output).toEqual([1, 2, 3]);
    expect(lastOf(after, part, "a")?.step.output).toBe(9);
    expect(lastOf(withRun(none, part), part, "each")?.step.output).toEqual([9]);
  });
});
