import type { Step, WorkflowNode } from "@/lib/api/model";

// A loop in a loop, for the tests of iterations.
const node = (id: string, type = "set", parentID?: string): WorkflowNode => ({
  id,
  type,
  name: id,
  config: {},
  position: { x: 0, y: 0 },
  ...(parentID ? { parentID } : {}),
});
export const nodes = [
  node("s", "start"),
  node("each", "loop"),
  node("a", "set", "each"),
  node("in", "loop", "each"),
  node("b", "set", "in"),
  node("z"),
];
export const step = (nodeID: string, iteration = "", change: Partial<Step> = {}): Step => ({
  nodeID,
  name: nodeID,
  type: "",
  iteration,
  attempt: 1,
  status: "COMPLETED",
  input: null,
  output: null,
  error: null,
  logs: [],
  startedAt: null,
  finishedAt: null,
  reused: false,
  ...change,
});
