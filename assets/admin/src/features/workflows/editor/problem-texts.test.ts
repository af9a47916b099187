import { expect, test } from "vitest";
import type { NodeType } from "@/lib/api/model";
import { fieldLabel, problemText } from "./problem-texts";

const node = (name: string, title?: string) => ({
  id: name,
  type: "t",
  name,
  ...(title ? { title } : {}),
  config: {},
  position: { x: 0, y: 0 },
});

test("problems name steps by their titles, and outputs, options and fields as the editor shows them", () => {
  const nodes = [node("fetch_items", "Fetch items"), node("b")];
  expect(
    [
      "`fetch_items` cannot be reached from the start node: it will be skipped",
      "is `branch`, but no edge leaves the error handle: an error would end this path silently",
      "must not form a cycle: fetch_items → b → fetch_items. Delete one of these edges, and use a loop to repeat steps",
      "no step is named `fetch`: did you mean `fetch_items`?",
      "must be between 1 and 10",
      "must be at least 3",
      "something new about `b`",
    ].map((message) => problemText(message, nodes)),
  ).toEqual([
    "Fetch items cannot be reached from the start step and will be skipped.",
    "Nothing is connected to the error branch, so an error would end this path without a notice.",
    "The steps form a cycle: Fetch items → b → Fetch items. Delete a connection, or use a loop to repeat steps.",
    "No step is named fetch. Did you mean Fetch items?",
    "Must be between 1 and 10",
    "Must be at least 3",
    "something new about `b`",
  ]);
});

test("the field of a problem has the label of its input", () => {
  const type: NodeType = {
    type: "t",
    name: "T",
    category: "",
    description: "",
    configSchema: {
      type: "object",
      properties: {
        queryID: { type: "string" },
        branches: {
          title: "Conditions",
          type: "array",
          items: { type: "object", properties: { when: { title: "When", type: "string" } } },
        },
      },
    },
    handles: [],
    dynamicHandles: null,
    ignoredSettings: [],
  };
  expect(
    [
      "nodes[2].config.queryID",
      "nodes[2].config.branches[0].when",
      "nodes[2].settings.retry.factor",
      "nodes[2].settings.onError",
      "nodes[2]",
      "nodes[2].name",
      "edges",
      "triggers[1].cron",
      "settings.whenFull",
    ].map((path) => fieldLabel({ path, message: "", severity: "error" }, node("t"), [type])),
  ).toEqual([
    "Query",
    "Conditions › 1 › When",
    "Retries › Backoff factor",
    "On error",
    "",
    "",
    "",
    "Trigger 2",
    "When the limit is reached",
  ]);
});
