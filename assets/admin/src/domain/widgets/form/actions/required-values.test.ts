import { expect, it } from "vitest";
import type { Parameter } from "@/lib/api/model";
import { missingValues } from "./required-values";

const parameter = (name: string, more: Partial<Parameter> = {}) =>
  ({ name, type: "text", required: false, default: null, description: "", ...more }) as Parameter;

it("every value that an action lacks is named at its field", () => {
  const queries = {
    reads: { parameters: [parameter("id", { required: true }), parameter("note")], changesData: false },
    writes: { parameters: [parameter("order"), parameter("status", { default: "open" })], changesData: true },
  };
  const find = (_: string, id: string) => queries[id as keyof typeof queries];
  const config = {
    action: { type: "query", queryID: "writes", values: {} },
    then: [{ type: "query", queryID: "reads", values: { id: "{{ row.id }}" } }],
    rowActions: [{ label: "Go", action: { type: "query", queryID: "reads", values: { id: "" } } }],
  };
  expect(Object.keys(missingValues(config, find))).toEqual([
    "config.action.values.order",
    "config.rowActions[0].action.values.id",
  ]);
  expect(missingValues(config, () => undefined)).toEqual({});
});
