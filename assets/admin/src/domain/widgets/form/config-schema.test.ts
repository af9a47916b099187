import { expect, it } from "vitest";
import type { DataQuery, WidgetType } from "@/lib/api/model";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { columnsUsed, widgetFormSchema, needsQuery, retype, takesQuery } from "./config-schema";
import { missingParameters } from "./preview/preview-data";

const item: JsonSchema = { type: "object", required: ["field"], properties: { field: { type: "string" } } };
const data = {
  queryID: { type: "string", format: "uuid" },
  parameters: { type: "object", default: {} },
} as const;
const bar: WidgetType = {
  type: "bar",
  name: "Bar",
  description: "",
  category: "charts",
  configSchema: {
    type: "object",
    required: ["queryID", "x", "series"],
    properties: {
      ...data,
      x: { type: "string", "x-widget": "column" },
      series: { type: "array", items: item, "x-widget": "marks" },
      stacked: { type: "boolean", default: false },
    },
  },
};
const text: WidgetType = {
  type: "text",
  name: "Text",
  description: "",
  category: "content",
  configSchema: { type: "object", required: ["markdown"], properties: { markdown: { type: "string" } } },
};

it("leaves the query to its own controls", () => {
  const schema = widgetFormSchema(bar);
  expect(Object.keys(schema.properties ?? {})).toEqual(["x", "series", "stacked"]);
  expect(schema.required).toEqual(["x", "series"]);
});

it("keeps the query when the type changes, unless the new one has none", () => {
  const config = { queryID: "q", parameters: { a: 1 }, label: "n", value: "v" };
  expect(retype(config, bar)).toEqual({ queryID: "q", parameters: { a: 1 }, series: [], stacked: false });
  expect([takesQuery(bar), needsQuery(bar), takesQuery(text), retype(config, text)]).toEqual([
    true,
    true,
    false,
    {},
  ]);
});

it("reads all rows of a query whose pages a table has turned", () => {
  const config = { queryID: "q", serverPaging: true, server: { limit: "limit", offset: "offset" } };
  expect(retype(config, bar, { maxRows: 500 })["parameters"]).toEqual({ limit: 501 });
});

it("lists the columns that are used", () => {
  expect(columnsUsed(bar, { x: "month", series: [{ field: "a" }, { field: "" }] })).toEqual(["month", "a"]);
});

it("reports required values without a source", () => {
  const parameter = (name: string, required: boolean, standard: unknown) =>
    ({ name, type: "string", required, default: standard, description: "" }) as const;
  const query = {
    parameters: [
      parameter("a", true, null),
      parameter("b", true, "x"),
      parameter("c", false, null),
      parameter("d", true, null),
    ],
  } as unknown as DataQuery;
  expect(missingParameters(query, { d: 0 })).toEqual(["a"]);
});
