import type { DataQueryDraft, JsonObject, WidgetDraft, WidgetType } from "@/lib/api/model";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { initialValue, resolve } from "@/lib/schema/schema-fields";
import { marksOf, textOf } from "../kinds/config";
import { withoutPages } from "./paging/row-limit";

/** These have controls of their own, above the form. */
const OWN_CONTROLS = ["queryID", "parameters"];

/**
 * Returns a type's config schema without the fields that have their own controls. A table that is selected from a list
 * includes its schema.
 */
export function widgetFormSchema(type: WidgetType, listsTables = false): JsonSchema {
  const root = rootOf(type);
  const left = [...OWN_CONTROLS, ...(listsTables ? ["schema"] : [])];
  const properties = Object.entries(root.properties ?? {}).filter(([name]) => !left.includes(name));
  return {
    ...root,
    ...(type.configSchema.$defs ? { $defs: type.configSchema.$defs } : {}),
    properties: Object.fromEntries(properties),
    required: root.required?.filter((name) => !OWN_CONTROLS.includes(name)) ?? [],
  };
}

const rootOf = ({ configSchema }: WidgetType): JsonSchema => resolve(configSchema, configSchema).schema;

export const takesQuery = (type: WidgetType): boolean => rootOf(type).properties?.["queryID"] !== undefined;
export const needsQuery = (type: WidgetType): boolean => rootOf(type).required?.includes("queryID") ?? false;

/** Whether the type changes rows of a table. */
export const hasTable = (type: WidgetType): boolean =>
  rootOf(type).properties?.["table"]?.["x-widget"] === "table";

export const queryIDOf = (config: JsonObject): string | null => textOf(config, "queryID") || null;

export function parametersOf(config: JsonObject): JsonObject {
  const parameters = config["parameters"];
  return typeof parameters === "object" && parameters !== null && !Array.isArray(parameters)
    ? (parameters as JsonObject)
    : {};
}

function initialWidgetConfig(type: WidgetType): JsonObject {
  return (initialValue(type.configSchema, type.configSchema) ?? {}) as JsonObject;
}

/** Converts a widget to another type with the same query, which then reads all rows instead of the first page. */
export function retype(
  config: JsonObject,
  type: WidgetType,
  query?: Pick<DataQueryDraft, "maxRows">,
): JsonObject {
  if (!takesQuery(type)) return initialWidgetConfig(type);
  const kept = Object.fromEntries(
    OWN_CONTROLS.filter((name) => config[name] !== undefined).map((name) => [name, config[name]]),
  );
  const mapped = parametersOf(config);
  const parameters = withoutPages(config, mapped, query);
  return { ...initialWidgetConfig(type), ...kept, ...(parameters === mapped ? {} : { parameters }) };
}

/** Returns the columns that a config refers to. */
export function columnsUsed(type: WidgetType, config: JsonObject): string[] {
  const fields = Object.entries(rootOf(type).properties ?? {});
  const named = (widget: string) =>
    fields.filter(([, schema]) => schema["x-widget"] === widget).map(([name]) => name);
  return [
    ...named("column").map((name) => textOf(config, name)),
    ...named("marks").flatMap((name) => marksOf(config, name).map(({ field }) => field)),
  ].filter(Boolean);
}

export const newWidgetDraft = (type: WidgetType, config: JsonObject): WidgetDraft => ({
  name: "",
  description: "",
  type: type.type as WidgetDraft["type"],
  config: { ...initialWidgetConfig(type), ...config },
});
