import { describe, expect, it } from "vitest";
import type { NodeType, WorkflowTrigger } from "@/lib/api/model";
import { localProblems, withLocal, type Surroundings } from "./local-problems";
import { newSteps } from "./problems";

const node = (type: string, config: Record<string, unknown> = {}, settings = {}) => ({
  id: type,
  type,
  name: type,
  config,
  settings,
  position: { x: 0, y: 0 },
});
const hook: WorkflowTrigger = { type: "webhook", methods: ["POST"], enabled: true };
const definition = (nodes: ReturnType<typeof node>[], triggers: WorkflowTrigger[] = []) => ({
  nodes,
  edges: [],
  inputs: [],
  triggers,
  settings: {},
});
const types = [
  {
    type: "httpRequest",
    configSchema: {
      type: "object",
      required: ["url"],
      properties: { url: { type: "string", title: "URL", minLength: 1 }, body: { type: "string" } },
    },
  } as unknown as NodeType,
];
const fine = { enabled: true, sendsMail: true, can: () => true, types };
const graph = { nodes: [node("httpRequest")], edges: [] };
const found = (...given: Parameters<typeof localProblems>) =>
  localProblems(...given).map(({ message }) => message);

describe("problems that the editor knows before a run", () => {
  it("are none where everything is set up", () => {
    expect(found(definition([node("email"), node("dataQuery")], [hook]), fine)).toEqual([]);
  });

  it("include email on a server that sends none", () => {
    const [problem] = localProblems(definition([node("set"), node("email")]), { ...fine, sendsMail: false });
    expect(problem).toMatchObject({ nodeID: "email", severity: "warning", path: "nodes[1].type" });
    expect(found(definition([node("email", {}, { disabled: true })]), { ...fine, sendsMail: false })).toEqual(
      [],
    );
    expect(withLocal(problem ? [problem] : [], problem ? [problem] : [])).toHaveLength(1);
  });

  it("include empty required fields, but not those of disabled steps", () => {
    const empty = definition([node("set"), node("httpRequest", { url: "" })]);
    expect(localProblems(empty, fine)).toMatchObject([
      { severity: "error", nodeID: "httpRequest", path: "nodes[1].config.url", message: "URL is required" },
    ]);
    expect(found(definition([node("httpRequest", { url: "{{ vars.url }}" })]), fine)).toEqual([]);
    expect(found(definition([node("httpRequest", {}, { disabled: true })]), fine)).toEqual([]);
  });

  it("include a step of which one of two fields is needed", () => {
    const delay = (config: Record<string, unknown>) => definition([node("delay", config)]);
    expect(localProblems(delay({}), fine)).toMatchObject([
      { severity: "error", nodeID: "delay", path: "nodes[0].config.for" },
    ]);
    expect(localProblems(delay({}), { ...fine, fresh: new Set(["delay"]) })).toMatchObject([
      { severity: "hint" },
    ]);
    expect(found(delay({ for: "5m" }), fine)).toEqual([]);
    expect(found(delay({ until: "2026-01-31T12:00:00Z" }), fine)).toEqual([]);
  });

  it("are only hints while nobody has filled in or checked a new step", () => {
    const fresh = { ...fine, fresh: new Set(["httpRequest"]) };
    const severities = (config: Record<string, unknown>, around: Surroundings) =>
      localProblems(definition([node("httpRequest", config)]), around).map(({ severity }) => severity);
    expect(severities({}, fresh)).toEqual(["hint"]);
    // The text was removed again.
    expect(severities({ url: "" }, fresh)).toEqual(["error"]);
    expect(severities({}, { ...fine, fresh: newSteps([node("httpRequest")], graph) })).toEqual(["error"]);
    expect(newSteps([node("httpRequest"), node("set")], graph)).toEqual(new Set(["set"]));
  });

  it("include triggers that start nothing", () => {
    expect(found(definition([], [hook]), { ...fine, enabled: false })).toHaveLength(1);
    expect(found(definition([], [{ ...hook, enabled: false }]), fine)).toEqual([
      "This trigger is disabled and starts no runs.",
    ]);
  });

  it("include permissions that the author lacks", () => {
    const none = { ...fine, can: (permission: string) => permission === "workflow:execute" };
    expect(found(definition([node("dataQuery"), node("subWorkflow")]), none)).toEqual([
      "Your role needs the permission dataquery:execute to test or save this step.",
    ]);
    expect(found(definition([node("set", { values: { a: "{{ vars.key }}" } })]), none)[0]).toContain(
      "variable:read",
    );
  });
});
