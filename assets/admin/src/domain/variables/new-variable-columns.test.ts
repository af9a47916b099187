import { expect, it } from "vitest";
import type { DataQuery } from "@/lib/api/model";
import { variableFor } from "./new-variable";

const query = (parameters: object[], columns: object[]) =>
  new Map([["q", { parameters, columns } as unknown as Pick<DataQuery, "parameters" | "columns">]]);
const number = { name: "min", type: "number", required: false, default: 5 };
const widget = (config: object) => [{ config: { queryID: "q", ...config } }];

it("a new filter has the type of the parameter that gets its value", () => {
  const widgets = widget({ parameters: { min: "{{ vars.least }}" } });
  expect(variableFor("least", widgets, query([number], []))).toEqual({
    name: "least",
    type: "number",
    default: 5,
    options: [],
  });
});

it("a new filter has the label and the type that the query declares for its column", () => {
  const columns = [
    { name: "ordered_at", label: "Order date", type: "datetime" },
    { name: "min", label: "Least amount", type: "text" },
  ];
  const selects = [{ variable: "day", field: "ordered_at" }];
  expect(variableFor("day", widget({ selects }), query([], columns))).toMatchObject({
    label: "Order date",
    type: "date",
  });
  const widgets = widget({ parameters: { min: "{{ vars.min }}" } });
  expect(variableFor("min", widgets, query([number], columns))).toMatchObject({
    label: "Least amount",
    type: "number",
  });
});
