import { expect, it } from "vitest";
import type { Workflow } from "@/lib/api/model";
import { isOff, schedulesOf, startCauses } from "./start-causes";

const workflow = (fields: Partial<Workflow> = {}) =>
  ({ id: "w1", name: "Report", triggers: [], settings: {}, enabled: true, ...fields }) as unknown as Workflow;

const daily = { type: "schedule", cron: "0 9 * * *" } as const;

it("a workflow that nothing starts is started manually", () => {
  expect(startCauses(workflow(), [])).toEqual(["manual"]);
});

it("names each cause once, triggers first", () => {
  const handled = workflow({ id: "w2", settings: { errorWorkflowID: "w1" } as Workflow["settings"] });
  const called = { id: "w3", kind: "workflow", name: "Import" };
  const uses = [
    { id: "w2", kind: "workflow", name: "Orders" },
    called,
    { id: "d", kind: "widget", name: "Go" },
  ];
  const triggers = [{ type: "webhook" } as const, daily, { ...daily, cron: "0 18 * * *" }];
  expect(startCauses(workflow({ triggers }), [handled], uses)).toEqual([
    "schedule",
    "webhook",
    "failure",
    "workflow",
    "dashboard",
  ]);
  expect(startCauses(workflow(), [handled], [called])).toEqual(["failure", "workflow"]);
});

it("has no next time while the workflow or the schedule is off", () => {
  const off = { ...daily, cron: "0 18 * * *", enabled: false };
  expect(schedulesOf(workflow({ triggers: [daily, off] }))).toEqual([{ cron: "0 9 * * *", timezone: "UTC" }]);
  expect(schedulesOf(workflow({ triggers: [daily], enabled: false }))).toEqual([]);
});

it("a trigger is off with its workflow, or if all of its type are disabled", () => {
  const off = { ...daily, enabled: false };
  expect(isOff(workflow({ triggers: [daily, off] }), "schedule")).toBe(false);
  expect(isOff(workflow({ triggers: [off] }), "schedule")).toBe(true);
  expect(isOff(workflow({ triggers: [daily], enabled: false }), "schedule")).toBe(true);
  expect(isOff(workflow({ triggers: [daily], enabled: false }), "failure")).toBe(false);
});
