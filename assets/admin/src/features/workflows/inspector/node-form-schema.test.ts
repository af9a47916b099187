import { describe, expect, it } from "vitest";
import type { NodeType } from "@/lib/api/model";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { applicable, nodeFormSchema, settingsSchemaOf } from "./node-form-schema";

const widgets = (properties: Record<string, unknown>, change: Partial<NodeType> = {}) => {
  const type: NodeType = {
    type: "t",
    name: "T",
    category: "",
    description: "",
    configSchema: { type: "object", properties: properties as Record<string, JsonSchema> },
    handles: [],
    dynamicHandles: null,
    ignoredSettings: [],
    ...change,
  };
  return Object.fromEntries(
    Object.entries(nodeFormSchema(type).properties ?? {}).map(([name, schema]) => [name, schema["x-widget"]]),
  );
};

describe("nodeFormSchema", () => {
  it("has own fields for queries with parameters, scripts, templates and any values", () => {
    expect(
      widgets({
        queryID: { type: "string", format: "uuid", "x-resource": "dataquery" },
        parameters: { type: "object", additionalProperties: true },
        code: { type: "string", format: "javascript" },
        until: { type: ["string", "null"] },
        output: { title: "Output", default: null },
        anything: true,
      }),
    ).toEqual({
      queryID: "query",
      parameters: "queryParameters",
      code: "script",
      until: "template",
      output: "value",
      anything: "value",
    });
  });

  it("leaves selects, numbers, switches and secrets to the form", () => {
    expect(
      widgets({
        status: { type: "string", enum: ["a", "b"] },
        way: { oneOf: [{ const: "x" }] },
        count: { type: "integer" },
        on: { type: "boolean" },
        key: { type: "string", writeOnly: true },
        parameters: { type: "object" },
      }),
    ).toEqual({
      status: undefined,
      way: undefined,
      count: undefined,
      on: undefined,
      key: undefined,
      parameters: undefined,
    });
  });

  it("gives the list of branches its own field, also inside lists and maps", () => {
    expect(
      widgets({ branches: { type: "array", items: { type: "object" } } }, { dynamicHandles: "branches" }),
    ).toEqual({ branches: "branches" });
    const type = {
      dynamicHandles: null,
      configSchema: { properties: { headers: { type: "object", additionalProperties: { type: "string" } } } },
    } as unknown as NodeType;
    expect(nodeFormSchema(type).properties?.["headers"]?.additionalProperties).toMatchObject({
      "x-widget": "template",
    });
  });
});

describe("settingsSchemaOf", () => {
  it("omits settings without effect, unless they are set and need to be removed", () => {
    const type = { ignoredSettings: ["retry", "timeoutMs"] } as unknown as NodeType;
    const fields = (settings: object) => Object.keys(settingsSchemaOf(type, settings).properties ?? {});
    expect(fields({})).not.toEqual(expect.arrayContaining(["retry"]));
    expect(fields({ retry: {} })).toEqual(expect.arrayContaining(["retry", "onError"]));
    expect(fields({ retry: {} })).not.toContain("timeoutMs");
  });
});

it("asks for a body only where a request has one, or already contains one", () => {
  const schema = { type: "object" as const, properties: { method: {}, url: {}, body: {}, bodyType: {} } };
  const fields = (config: Record<string, unknown>) =>
    Object.keys(applicable(schema, config).properties ?? {});
  expect(fields({})).toEqual(["method", "url"]);
  expect(fields({ method: "HEAD" })).toEqual(["method", "url"]);
  expect(fields({ method: "POST" })).toHaveLength(4);
  expect(fields({ method: "GET", body: {} })).toHaveLength(4);
});
