import { describe, expect, it } from "vitest";
import type { Instance, Step } from "@/lib/api/model";
import { step as completed } from "./rounds.setup";
import {
  edgeFates,
  emptyRun,
  mergeRun,
  mergeSteps,
  nodeStates,
  reduceEvents,
  type RunState,
} from "./run-state";

const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, "0")}.000Z`;
const play = (events: [string, object][], from: RunState = emptyRun) =>
  reduceEvents(
    from,
    events.map(([event, data]) => ({ event, data: JSON.stringify(data) })),
  );
const step = (change: Partial<Step>): Step =>
  completed("a", "", { type: "t", startedAt: at(1), finishedAt: at(2), ...change });

describe("reduceEvents", () => {
  it("follows a run from its start to its end", () => {
    const state = play([
      ["run.started", { at: at(0) }],
      ["step.started", { at: at(1), nodeID: "a", name: "load", attempt: 1 }],
      ["step.completed", { at: at(3), nodeID: "a", output: { rows: 2 } }],
      ["step.skipped", { at: at(3), nodeID: "b" }],
      ["run.completed", { at: at(4) }],
    ]);
    expect(state).toMatchObject({ status: "COMPLETED", startedAt: at(0), finishedAt: at(4) });
    expect(state.steps.get("a/")).toMatchObject({
      name: "load",
      status: "COMPLETED",
      output: { rows: 2 },
      startedAt: at(1),
      finishedAt: at(3),
    });
    expect(state.steps.get("b/")).toMatchObject({ status: "SKIPPED", startedAt: null });
  });

  it("counts attempts and drops the previous error", () => {
    const failed = play([
      ["step.started", { at: at(1), nodeID: "a" }],
      [
        "step.retrying",
        { at: at(2), nodeID: "a", error: { code: "TIMEOUT", message: "slow" }, dueAt: at(5) },
      ],
    ]);
    expect(failed.steps.get("a/")).toMatchObject({
      status: "RETRYING",
      attempt: 1,
      dueAt: at(5),
      error: { code: "TIMEOUT" },
    });
    const again = play([["step.started", { at: at(5), nodeID: "a" }]], failed);
    expect(again.steps.get("a/")).toMatchObject({
      status: "RUNNING",
      attempt: 2,
      error: null,
      dueAt: null,
      startedAt: at(1),
    });
  });

  it("keeps the iterations of a loop apart", () => {
    const state = play([
      ["step.started", { nodeID: "a", iteration: "0" }],
      ["step.started", { nodeID: "a", iteration: "1" }],
      ["step.completed", { nodeID: "a", iteration: "0", at: at(1) }],
    ]);
    expect([...state.steps.keys()]).toEqual(["a/0", "a/1"]);
    expect(nodeStates([...state.steps.values()]).get("a")).toMatchObject({
      status: "RUNNING",
      rounds: 2,
      done: 1,
    });
  });

  it("runs again after waiting, and cancels open steps at the end", () => {
    const waiting = play([
      ["step.started", { nodeID: "a" }],
      ["step.waiting", { nodeID: "a", dueAt: at(9) }],
      ["run.waiting", {}],
    ]);
    expect(waiting.status).toBe("WAITING");
    expect(play([["step.completed", { nodeID: "a" }]], waiting).status).toBe("RUNNING");
    const cancelled = play([["run.cancelled", { at: at(6) }]], waiting);
    expect(cancelled).toMatchObject({ status: "CANCELLED", finishedAt: at(6) });
    expect(cancelled.steps.get("a/")).toMatchObject({ status: "CANCELLED", finishedAt: at(6) });
  });

  it("cancels the steps that a loop dropped while the run continues", () => {
    const state = play([
      ["step.started", { nodeID: "a", iteration: "1" }],
      ["step.waiting", { nodeID: "a", iteration: "1", dueAt: at(9) }],
      ["step.cancelled", { nodeID: "a", iteration: "1", at: at(2) }],
    ]);
    expect(state.status).toBe("RUNNING");
    expect(state.steps.get("a/1")).toMatchObject({
      status: "CANCELLED",
      finishedAt: at(2),
      dueAt: null,
      task: null,
    });
  });

  it("ignores unknown events", () => {
    expect(reduceEvents(emptyRun, [{ event: "later.invention", data: "{}" }])).toBe(emptyRun);
    expect(reduceEvents(emptyRun, [{ event: "step.started", data: "not json" }])).toBe(emptyRun);
    expect(reduceEvents(emptyRun, [{ event: "step.started", data: "null" }])).toBe(emptyRun);
  });
});

describe("merging with the record", () => {
  const live = play([
    ["step.started", { nodeID: "a", at: at(1) }],
    ["step.completed", { nodeID: "a", at: at(2), output: 1 }],
    ["step.started", { nodeID: "b", at: at(2) }],
  ]);

  it("uses the newer state of each step", () => {
    const merged = mergeSteps(
      [step({ status: "RUNNING", finishedAt: null, input: { x: 1 }, logs: ["hello"] })],
      live,
    );
    expect(merged.map(({ nodeID, status }) => [nodeID, status])).toEqual([
      ["a", "COMPLETED"],
      ["b", "RUNNING"],
    ]);
    expect(merged[0]).toMatchObject({ input: { x: 1 }, output: 1, logs: ["hello"] });
  });

  it("trusts a finished record", () => {
    expect(mergeSteps([step({ status: "FAILED" })], live)[0]?.status).toBe("FAILED");
    const record = { id: "i", status: "FAILED", steps: [] } as unknown as Instance;
    expect(mergeRun(record, play([["run.started", {}]])).status).toBe("FAILED");
  });

  it("shows the live status of a run in progress", () => {
    const record = {
      id: "i",
      status: "PENDING",
      error: null,
      startedAt: null,
      steps: [],
    } as unknown as Instance;
    expect(mergeRun(record, emptyRun).status).toBe("PENDING");
    expect(mergeRun(record, play([["run.started", { at: at(0) }]]))).toMatchObject({
      status: "RUNNING",
      startedAt: at(0),
    });
  });
});

describe("nodeStates", () => {
  it("shows the worst status of several iterations and the whole time", () => {
    const rounds = [
      step({ iteration: "0", startedAt: at(1), finishedAt: at(2) }),
      step({ iteration: "1", startedAt: at(2), finishedAt: at(5), status: "FAILED" }),
    ];
    expect(nodeStates(rounds).get("a")).toMatchObject({
      status: "FAILED",
      rounds: 2,
      done: 2,
      durationMs: 4000,
    });
  });

  it("has no duration until all are finished", () => {
    expect(nodeStates([step({ status: "RUNNING", finishedAt: null })]).get("a")?.durationMs).toBeNull();
  });
});

describe("edgeFates", () => {
  const edges = [
    { id: "yes", source: "if", sourceHandle: "big", target: "x" },
    { id: "no", source: "if", sourceHandle: "default", target: "y" },
    { id: "meet", source: "y", target: "x" },
    { id: "err", source: "x", sourceHandle: "error", target: "y" },
    { id: "next", source: "x", target: "z" },
  ];

  const nodes = ["if", "x", "y", "z"].map((id) => ({
    id,
    type: "t",
    name: id,
    config: {},
    position: { x: 0, y: 0 },
  }));

  it("knows the branch that a condition took, even when both sides merge", () => {
    const steps = [
      step({ nodeID: "if", output: { branch: "big" } }),
      step({ nodeID: "y", status: "SKIPPED", startedAt: null }),
      step({ nodeID: "x", status: "RUNNING", finishedAt: null }),
    ];
    const fates = edgeFates({ nodes, edges }, steps);
    expect(Object.fromEntries(fates)).toEqual({
      yes: "taken",
      no: "dead",
      meet: "dead",
      err: "undecided",
      next: "undecided",
    });
  });

  it("ends the error path when nothing failed", () => {
    expect(edgeFates({ nodes, edges }, [step({ nodeID: "x" }), step({ nodeID: "y" })]).get("err")).toBe(
      "dead",
    );
  });

  it("continues through a disabled step", () => {
    const steps = [step({ nodeID: "x", status: "SKIPPED" }), step({ nodeID: "z" })];
    const off = nodes.map((node) => (node.id === "x" ? { ...node, settings: { disabled: true } } : node));
    expect(edgeFates({ nodes, edges }, steps).get("next")).toBe("dead");
    expect(edgeFates({ nodes: off, edges }, steps).get("next")).toBe("taken");
  });
});
