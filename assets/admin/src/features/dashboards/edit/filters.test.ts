import { expect, it } from "vitest";
import type { JsonObject, Parameter, Widget } from "@/lib/api/model";
import { variableFor } from "@/domain/variables/new-variable";
import { missingVariables } from "./filters";

const parameter = (name: string, more: Partial<Parameter> = {}): Parameter => ({
  name,
  type: "string",
  required: false,
  default: null,
  description: "",
  allowed: [],
  ...more,
});

const table = (parameters: JsonObject): Pick<Widget, "type" | "config"> => ({
  type: "table",
  config: { queryID: "q", parameters },
});

const queries = (...parameters: Parameter[]) => new Map([["q", { parameters }]]);

it("adds a range where widgets use its ends", () => {
  const widgets = [table({ from: "{{ vars.period.from }}", to: "{{ vars.period.to }}" })];
  const dates = queries(parameter("from", { type: "date" }), parameter("to", { type: "date" }));
  expect(missingVariables(widgets, [])).toEqual(["period"]);
  expect(variableFor("period", widgets, dates)).toEqual({
    name: "period",
    type: "dateRange",
    default: "last-30-days",
    options: [],
  });
  // also where the query is not known, such as one of the library
  expect(variableFor("period", widgets, new Map()).type).toBe("dateRange");
  expect(variableFor("period", [{ config: { text: "From {{ vars.period.from }}" } }], new Map()).type).toBe(
    "dateRange",
  );
});

it("takes the type, the default and the options from the parameter", () => {
  const widgets = [table({ day: "{{ vars.day }}", size: "{{ vars.size }}", least: "{{ vars.least }}" })];
  const known = queries(
    parameter("day", { type: "date" }),
    parameter("size", { allowed: ["S", "L"] }),
    parameter("least", { type: "number", default: 3 }),
  );
  expect(["day", "size", "least", "other"].map((name) => variableFor(name, widgets, known))).toEqual([
    { name: "day", type: "date", default: null, options: [] },
    { name: "size", type: "select", default: null, options: ["S", "L"] },
    { name: "least", type: "number", default: 3, options: [] },
    { name: "other", type: "text", default: null, options: [] },
  ]);
});

it("finds the variables that widgets use or set, without those of the dashboard and the user", () => {
  const widgets = [
    table({ a: "{{ vars.a }}", b: "%{{ vars.b }}%", me: "{{ user.email }}" }),
    { type: "selectInput" as const, config: { variable: "c" } },
    { type: "table" as const, config: { selects: [{ variable: "d", field: "id" }] } },
  ];
  const known = [{ name: "b", type: "text" as const, default: null, options: [] }];
  expect(missingVariables(widgets, known)).toEqual(["a", "c", "d"]);
});
