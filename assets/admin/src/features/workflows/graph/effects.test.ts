import { describe, expect, it } from "vitest";
import type { WorkflowNode } from "@/lib/api/model";
import { effectsOf, withoutEffects } from "./effects";

const step = (type: string, config: Record<string, unknown> = {}, rest = {}): WorkflowNode => ({
  id: type,
  type,
  name: type,
  config,
  position: { x: 0, y: 0 },
  ...rest,
});
const queryOf = (id: string) =>
  ({
    read: { name: "Read", changesData: false },
    write: { name: "Write", changesData: true },
  })[id];
const told = (...nodes: WorkflowNode[]) => effectsOf(nodes, queryOf).map(({ what }) => what);

describe("what a test does outside", () => {
  it("names requests that change something, and who gets mail", () => {
    expect(told(step("httpRequest", { method: "POST", url: "https://a.example/x" }))).toEqual([
      "Sends POST https://a.example/x",
    ]);
    expect(told(step("email", { to: ["ann@example.com", "bob@example.com"] }))).toEqual([
      "Sends an email to ann@example.com, bob@example.com",
    ]);
  });

  it("leaves out what only reads", () => {
    expect(told(step("httpRequest", { url: "https://a.example" }), step("set"))).toEqual([]);
    expect(told(step("dataQuery", { queryID: "read" }))).toEqual([]);
    expect(told(step("dataQuery", { queryID: "write" }))).toEqual([
      "Runs the query Write, which may change data",
    ]);
  });

  it("leaves out disabled steps and pinned outputs", () => {
    expect(
      told(step("email", {}, { pinnedOutput: {} }), step("notify", {}, { settings: { disabled: true } })),
    ).toEqual([]);
  });
});

it("lets a step that must not act pass on its last output, or skips it", () => {
  const graph = { nodes: [step("email"), step("notify"), step("set")] };
  const [email, notify, set] = withoutEffects(
    graph,
    new Set(["email", "notify"]),
    new Map([["email", { sent: 1 }]]),
  ).nodes;
  expect(email?.pinnedOutput).toEqual({ sent: 1 });
  expect(notify?.settings).toEqual({ disabled: true });
  expect(set).toBe(graph.nodes[2]);
});
