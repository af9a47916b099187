import { expect, test } from "vitest";
import { failuresByWorkflow } from "./failures-by-workflow";

test("failures are grouped by workflow, in the order of their latest", () => {
  const runs = [
    { id: "r1", workflowID: "a" },
    { id: "r2", workflowID: "b" },
    { id: "r3", workflowID: "a" },
    { id: "r4", workflowID: null },
  ];
  expect(failuresByWorkflow(runs)).toEqual([
    { workflowID: "a", latest: runs[0], count: 2 },
    { workflowID: "b", latest: runs[1], count: 1 },
  ]);
});
