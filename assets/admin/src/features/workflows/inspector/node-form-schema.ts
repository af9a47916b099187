import { t } from "@lingui/core/macro";
import type { NodeSettings, NodeType } from "@/lib/api/model";
import type { JsonSchema } from "@/lib/schema/json-schema";

/** Schema hints that only this editor knows. */
type ServerSchema = JsonSchema & { "x-resource"?: string };

const isTextual = (schema: JsonSchema) =>
  schema.type === "string" ||
  (Array.isArray(schema.type) &&
    schema.type.includes("string") &&
    schema.type.every((type) => type === "string" || type === "null"));
const isChosen = (schema: JsonSchema) =>
  Boolean(schema.enum ?? schema.oneOf ?? schema.anyOf) || schema.const !== undefined;
const isFree = (schema: JsonSchema) =>
  ["type", "properties", "items", "enum", "const", "oneOf", "anyOf", "allOf", "$ref"].every(
    (key) => !(key in schema),
  );

/** Returns which of this editor's fields renders a schema; undefined leaves it to the form. */
function widgetOf(schema: ServerSchema): string | undefined {
  if (schema["x-widget"]) return schema["x-widget"];
  if (schema["x-resource"] === "dataquery") return "query";
  if (schema["x-resource"] === "workflow") return "workflow";
  if (schema.format === "javascript" || (schema["x-language"] === "javascript" && isTextual(schema)))
    return "script";
  if (isTextual(schema) && !isChosen(schema) && !schema.writeOnly) return "template";
  return isFree(schema) ? "value" : undefined;
}

/** Adds the names of this editor's own fields to a node type's config schema. */
export function nodeFormSchema(type: NodeType): JsonSchema {
  const schema = annotate(type.configSchema);
  const properties = { ...schema.properties };
  const list = type.dynamicHandles;
  if (list && properties[list]) properties[list] = { ...properties[list], "x-widget": list };
  const has = (widget: string) =>
    Object.values(properties).some((property) => property["x-widget"] === widget);
  if (has("query") && properties["parameters"])
    properties["parameters"] = { ...properties["parameters"], "x-widget": "queryParameters" };
  if (has("workflow") && properties["input"])
    properties["input"] = { ...properties["input"], "x-widget": "workflowInputs" };
  return { ...schema, properties };
}

const bodiless: readonly unknown[] = [undefined, "GET", "HEAD"];
const ofBodies: readonly string[] = ["body", "bodyType"];

/** Leaves out the fields that have no effect with the other values: the body of a request that has none. */
export function applicable(schema: JsonSchema, config: Record<string, unknown>): JsonSchema {
  const { properties = {} } = schema;
  if (!properties["method"] || !bodiless.includes(config["method"]) || config["body"] !== undefined)
    return schema;
  return {
    ...schema,
    properties: Object.fromEntries(Object.entries(properties).filter(([name]) => !ofBodies.includes(name))),
  };
}

/** `true`, the schema that accepts anything, is a schema as well. */
function annotate(given: JsonSchema | boolean): JsonSchema {
  const schema = typeof given === "object" ? given : {};
  const widget = widgetOf(schema);
  const each = (schemas: Record<string, JsonSchema>) =>
    Object.fromEntries(Object.entries(schemas).map(([name, part]) => [name, annotate(part)]));
  return {
    ...schema,
    ...(widget ? { "x-widget": widget } : {}),
    ...(schema.properties ? { properties: each(schema.properties) } : {}),
    ...(schema.$defs ? { $defs: each(schema.$defs) } : {}),
    ...(schema.items ? { items: annotate(schema.items) } : {}),
    ...(schema.oneOf ? { oneOf: schema.oneOf.map(annotate) } : {}),
    ...(schema.additionalProperties ? { additionalProperties: annotate(schema.additionalProperties) } : {}),
  };
}

/** Checks a form against the API document: a field for each property of the record, no unknown options. */
type FormOf<T> = Omit<JsonSchema, "properties"> & {
  properties: { [P in keyof Required<T>]: JsonSchema & { oneOf?: (JsonSchema & { const: T[P] })[] } };
};

/** Returns the settings that apply to a type, and others that are set nonetheless, so that they can be removed. */
export function settingsSchemaOf(type: NodeType | undefined, settings: object): JsonSchema {
  const ignored: readonly string[] = type?.ignoredSettings ?? [];
  const shown = ([name]: [string, JsonSchema]) => !ignored.includes(name) || name in settings;
  return {
    ...settingsSchema,
    properties: Object.fromEntries(Object.entries(settingsSchema.properties ?? {}).filter(shown)),
  };
}

/** The settings that every type of step has. */
export const settingsSchema: JsonSchema = {
  type: "object",
  properties: {
    disabled: { type: "boolean", title: t`Disabled`, description: t`Skipped when the workflow runs` },
    timeoutMs: {
      type: "integer",
      title: t`Timeout (ms)`,
      minimum: 1,
      maximum: 3_600_000,
      "x-placeholder": "60000",
    },
    retry: {
      type: "object",
      title: t`Retries`,
      properties: {
        maxAttempts: { type: "integer", title: t`Max attempts`, minimum: 1, maximum: 10, default: 3 },
        delayMs: {
          type: "integer",
          title: t`Initial delay (ms)`,
          minimum: 0,
          maximum: 3_600_000,
          default: 1000,
        },
        factor: { type: "number", title: t`Backoff factor`, minimum: 1, maximum: 100, default: 2 },
        maxDelayMs: {
          type: "integer",
          title: t`Max delay (ms)`,
          minimum: 0,
          maximum: 3_600_000,
          default: 60_000,
        },
      },
      required: ["maxAttempts", "delayMs", "factor", "maxDelayMs"],
    },
    onError: {
      title: t`On error`,
      default: "fail",
      oneOf: [
        { const: "fail", title: t`Fail the run` },
        { const: "continue", title: t`Continue with the error as output` },
        { const: "branch", title: t`Continue on the error branch` },
      ],
    },
    onInterrupt: {
      title: t`If the server stops`,
      default: "retry",
      oneOf: [
        { const: "retry", title: t`Run the step again` },
        { const: "fail", title: t`Fail the step` },
      ],
    },
    join: {
      title: t`Incoming connections`,
      default: "all",
      oneOf: [
        { const: "all", title: t`Wait for all` },
        { const: "any", title: t`Start on the first` },
      ],
    },
  },
} satisfies FormOf<NodeSettings>;
