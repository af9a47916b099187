import { describe, expect, it } from "vitest";
import type { Parameter, WorkflowNode, WorkflowTrigger } from "@/lib/api/model";
import type { Content } from "./content";
import { compareWorkflows } from "./workflow";

const input = (name: string, change: Partial<Parameter> = {}): Parameter => ({
  name,
  type: "string",
  required: false,
  default: null,
  description: "",
  ...change,
});
const node = (id: string, change: Partial<WorkflowNode> = {}): WorkflowNode => ({
  id,
  type: "set",
  name: id,
  config: {},
  position: { x: 0, y: 0 },
  ...change,
});
const schedule = (id: string, cron: string): WorkflowTrigger => ({
  id,
  type: "schedule",
  cron,
  timezone: "UTC",
  input: {},
  missed: "skip",
  enabled: true,
});
const plain: Content = {
  name: "Refunds",
  description: "",
  enabled: false,
  nodes: [],
  edges: [],
  inputs: [],
  triggers: [],
  settings: {},
};
const told = (before: Partial<Content>, after: Partial<Content>) =>
  compareWorkflows({ ...plain, ...before }, { ...plain, ...after }, []).groups.flatMap(
    ({ title, differences }) =>
      differences.map(({ of, field, before, after }) => [title, of, field, before, after].join("|")),
  );

describe("changes besides the graph", () => {
  it("are none between a workflow and itself", () => {
    expect(
      told(
        { inputs: [input("a")], settings: { whenFull: "queue" } },
        { inputs: [input("a")], settings: { whenFull: "queue" } },
      ),
    ).toEqual([]);
  });

  it("include its name, its description, and whether it is enabled", () => {
    expect(told({}, { name: "Returns", description: "All of them", enabled: true })).toEqual([
      "Workflow||Name|Refunds|Returns",
      "Workflow||Description||All of them",
      "Workflow||Enabled|no|yes",
    ]);
  });

  it("include its inputs", () => {
    expect(
      told(
        { inputs: [input("a"), input("b")] },
        {
          inputs: [
            input("b", { required: true, default: 3 }),
            input("c", { type: "number", required: true }),
          ],
        },
      ),
    ).toEqual([
      "Inputs|b|Required|no|yes",
      "Inputs|b|Default||3",
      "Inputs|c|||Number, required",
      "Inputs|a||Text|",
    ]);
  });

  it("include its triggers", () => {
    expect(
      told(
        { triggers: [schedule("1", "0 9 * * *")] },
        {
          triggers: [
            schedule("1", "0 8 * * *"),
            { id: "2", type: "webhook", methods: ["POST"], answer: "immediately", enabled: true },
          ],
        },
      ),
    ).toEqual(["Triggers|Schedule|Schedule|0 9 * * *|0 8 * * *", "Triggers|Webhook|||POST"]);
  });

  it("include its limits, also unknown ones", () => {
    expect(
      told(
        { settings: { maxConcurrentRuns: 2, keepDays: 5 } },
        { settings: { maxConcurrentRuns: 3, timeoutSeconds: 60 } },
      ),
    ).toEqual(["Settings||Timeout (s)||60", "Settings||Concurrency limit|2|3", "Settings||keepDays|5|"]);
  });

  it("include the settings of its steps", () => {
    const before = { nodes: [node("a", { config: { code: "return 1" } }), node("b")], edges: [] };
    const after = {
      nodes: [
        node("a", {
          config: { code: "return 2" },
          settings: { disabled: true } as never,
          notes: "Looked at again",
          position: { x: 9, y: 9 },
        }),
        node("c"),
      ],
      edges: [],
    };
    expect(told(before, after)).toEqual([
      "Steps|a|code|return 1|return 2",
      "Steps|a|Disabled||yes",
      "Steps|a|Notes||Looked at again",
    ]);
  });
});
