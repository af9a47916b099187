import { expect, it } from "vitest";
import type { Parameter } from "@/lib/api/model";
import { fieldless, withFields, withValues } from "./generated-fields";

const parameter = (name: string, more: Partial<Parameter> = {}): Parameter => ({
  name,
  type: "string",
  required: true,
  default: null,
  description: "",
  ...more,
});
const parameters = [
  parameter("id", { type: "number" }),
  parameter("name"),
  parameter("plan", { allowed: ["free", "pro"], default: "free" }),
  parameter("mrr", { type: "number", required: false }),
  parameter("active", { type: "boolean" }),
  parameter("since", { type: "date" }),
];

it("offers the parameters that a form does not enter yet, but not the key of its row", () => {
  const values = { id: "{{ row.id }}", name: "{{ row.name }}", plan: "{{ form.plan }}", mrr: "12" };
  expect(fieldless(parameters, values).map(({ name }) => name)).toEqual(["name", "active", "since"]);
  expect(fieldless(parameters, {})).toHaveLength(6);
});

it("makes fields of the types of parameters, and keeps the fields that are there", () => {
  const config = { fields: [{ name: "name", label: "Customer", type: "text" }, { name: "" }] };
  const { fields, values } = withFields(config, parameters.slice(1), { id: "{{ row.id }}" });
  expect(fields).toEqual([
    { name: "name", label: "Customer", type: "text" },
    { name: "plan", type: "select", required: true, options: ["free", "pro"], default: "free" },
    { name: "mrr", type: "number", required: false },
    { name: "active", type: "boolean", required: false },
    { name: "since", type: "date", required: true },
  ]);
  expect(values).toEqual({
    id: "{{ row.id }}",
    name: "{{ form.name }}",
    plan: "{{ form.plan }}",
    mrr: "{{ form.mrr }}",
    active: "{{ form.active }}",
    since: "{{ form.since }}",
  });
});

it("sets the values of the action that asked for fields", () => {
  const config = { action: { type: "query", queryID: "a" }, then: [{ type: "query", queryID: "b" }] };
  expect(withValues(config, "config.action", { x: 1 })["action"]).toEqual({
    type: "query",
    queryID: "a",
    values: { x: 1 },
  });
  expect(withValues(config, "config.then[0]", { x: 1 })["then"]).toEqual([
    { type: "query", queryID: "b", values: { x: 1 } },
  ]);
});
