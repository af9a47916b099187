import { describe, expect, it } from "vitest";
import type { Parameter, Step, WorkflowNode } from "@/lib/api/model";
import { completed, matching, openExpression, suggestionsFor } from "./expressions";

const node = (id: string, type: string, change: Partial<WorkflowNode> = {}): WorkflowNode => ({
  id,
  type,
  name: id,
  config: {},
  position: { x: 0, y: 0 },
  ...change,
});
const graph = {
  nodes: [
    node("s", "start"),
    node("users", "dataQuery"),
    node("shape", "javascript"),
    node("after", "javascript"),
  ],
  edges: [
    ["s", "users"],
    ["users", "shape"],
    ["shape", "after"],
  ].map(([source = "", target = ""], index) => ({ id: `e${index}`, source, target })),
};
const inputs: Parameter[] = [
  { name: "country", type: "string", required: true, default: null, description: "" },
];
const ran = (nodeID: string, output: unknown): Step => ({
  nodeID,
  name: nodeID,
  type: "",
  iteration: "",
  attempt: 1,
  status: "COMPLETED",
  input: null,
  output,
  error: null,
  logs: [],
  startedAt: null,
  finishedAt: null,
  reused: false,
});
const paths = (steps: Step[] = []) => suggestionsFor(graph, inputs, "shape", steps).map(({ path }) => path);

describe("suggestionsFor", () => {
  it("offers the inputs and previous steps, not later ones", () => {
    expect(paths()).toEqual(
      expect.arrayContaining(["input.country", "steps.users", "steps.users.rowCount", "run.id"]),
    );
    expect(
      paths().some(
        (path) => path.startsWith("steps.after") || path.startsWith("steps.shape") || path === "steps.s",
      ),
    ).toBe(false);
  });

  it("shows the output of the last run", () => {
    expect(paths([ran("users", { data: [{ name: "x", "first-name": "y" }], rowCount: 1 })])).toEqual(
      expect.arrayContaining([
        "steps.users.data",
        "steps.users.data.length",
        "steps.users.data[0].name",
        'steps.users.data[0]["first-name"]',
      ]),
    );
  });

  it("offers the tenant's variables, but no secret values", () => {
    const variables = [
      { name: "limits", secret: false, value: { max: 40 } },
      { name: "token", secret: true, value: null },
    ];
    const found = suggestionsFor(graph, [], "shape", [], variables).filter(({ path }) =>
      path.startsWith("vars."),
    );
    expect(found).toEqual([
      { path: "vars.limits", detail: "object" },
      { path: "vars.limits.max", detail: "40" },
      { path: "vars.token", detail: "secret" },
    ]);
  });

  it("offers the item inside loops, and the steps before them", () => {
    const looped = {
      nodes: [...graph.nodes, node("each", "loop"), node("mail", "email", { parentID: "each" })],
      edges: [...graph.edges, { id: "l", source: "shape", target: "each" }],
    };
    const found = (steps: Step[]) => suggestionsFor(looped, [], "mail", steps).map(({ path }) => path);
    expect(found([])).toEqual(expect.arrayContaining(["item", "index", "steps.shape", "steps.users"]));
    expect(found([])).not.toContain("steps.each");
    expect(found([{ ...ran("each", null), input: { items: [{ name: "x" }] } }])).toContain("item.name");
    expect(suggestionsFor(looped, [], "shape").some(({ path }) => path === "item")).toBe(false);
  });

  it("prefers pinned outputs", () => {
    const pinned = {
      ...graph,
      nodes: graph.nodes.map((one) => (one.id === "users" ? { ...one, pinnedOutput: { only: 1 } } : one)),
    };
    const found = suggestionsFor(pinned, [], "shape", [ran("users", { data: [] })]).map(({ path }) => path);
    expect(found).toContain("steps.users.only");
    expect(found).not.toContain("steps.users.data");
  });
});

describe("openExpression", () => {
  it("exists only inside braces", () => {
    expect(openExpression("a {{ steps.us", 13)).toEqual({ from: 5, word: "steps.us", closed: false });
    expect(openExpression("{{ inp }} b", 6)).toEqual({ from: 3, word: "inp", closed: true });
    expect(openExpression("{{ a }} b", 9)).toBeNull();
    expect(openExpression("plain", 5)).toBeNull();
    expect(openExpression("{{ a {{ b }}", 4)?.closed).toBe(false);
  });

  it("exists anywhere in a text that is an expression", () => {
    expect(openExpression("input.total > st", 16, true)).toEqual({ from: 14, word: "st", closed: true });
  });

  it("completes the word and closes the braces", () => {
    const open = openExpression("Hi {{ inp", 9);
    expect(open && completed("Hi {{ inp", 9, open, "input.name")).toEqual({
      text: "Hi {{ input.name }}",
      caret: 16,
    });
    const closed = openExpression("{{ i }}!", 4);
    expect(closed && completed("{{ i }}!", 4, closed, "input.name").text).toBe("{{ input.name }}!");
  });
});

describe("matching", () => {
  const all = [
    { path: "input.name", detail: "" },
    { path: "steps.name", detail: "" },
  ];
  it("puts prefix matches first, and offers nothing for an exact match", () => {
    expect(matching(all, "").length).toBe(2);
    expect(matching(all, "nam").length).toBe(2);
    expect(matching(all, "st").map(({ path }) => path)).toEqual(["steps.name"]);
    expect(matching(all, "input.name")).toEqual([]);
  });
});
