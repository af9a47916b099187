import type { JsonSchema } from "@/lib/api/json-schema";
import type { JsonObject, WidgetDraft, WidgetType } from "@/lib/api/model";
import { initialValue, resolve } from "@/lib/json-schema";
import { marksOf, textOf } from "@/ui/widget-kinds/config";
import { widgetKind } from "@/ui/widget-kinds/index";

/** These have controls of their own, above the form. */
const OWN_CONTROLS = ["queryID", "parameters"];

/** A type's config without what has its own controls; settings that name columns are marked for their pickers. */
export function formSchema(type: WidgetType): JsonSchema {
  const root = resolve(type.configSchema, type.configSchema).schema;
  const { columnFields = [], markFields = [] } = widgetKind(type.type) ?? {};
  const hint = (name: string, schema: JsonSchema): JsonSchema => (columnFields.includes(name) ? { ...schema, "x-widget": "column" } : markFields.includes(name) ? { ...schema, "x-widget": "marks" } : schema);
  const properties = Object.entries(root.properties ?? {}).filter(([name]) => !OWN_CONTROLS.includes(name));
  return {
    ...root,
    ...(type.configSchema.$defs ? { $defs: type.configSchema.$defs } : {}),
    properties: Object.fromEntries(properties.map(([name, schema]) => [name, hint(name, schema)])),
    required: root.required?.filter((name) => !OWN_CONTROLS.includes(name)) ?? [],
  };
}

export const takesQuery = (type: WidgetType): boolean => {
  const root = resolve(type.configSchema, type.configSchema).schema;
  return root.properties?.["queryID"] !== undefined;
};

export const queryIDOf = (config: JsonObject): string | null => textOf(config, "queryID") || null;

export function parametersOf(config: JsonObject): JsonObject {
  const parameters = config["parameters"];
  return typeof parameters === "object" && parameters !== null && !Array.isArray(parameters) ? (parameters as JsonObject) : {};
}

export function initialConfig(type: WidgetType): JsonObject {
  return (initialValue(type.configSchema, type.configSchema) ?? {}) as JsonObject;
}

/** The same query, drawn as another type. */
export function retype(config: JsonObject, type: WidgetType): JsonObject {
  const kept = takesQuery(type) ? Object.fromEntries(OWN_CONTROLS.filter((name) => config[name] !== undefined).map((name) => [name, config[name]])) : {};
  return { ...initialConfig(type), ...kept };
}

/** The columns that a config names. */
export function columnsUsed(type: string, config: JsonObject): string[] {
  const { columnFields = [], markFields = [] } = widgetKind(type) ?? {};
  return [...columnFields.map((name) => textOf(config, name)), ...markFields.flatMap((name) => marksOf(config, name).map(({ field }) => field))].filter(Boolean);
}

export const emptyDraft = (type: WidgetType, config: JsonObject): WidgetDraft => ({ name: "", description: "", type: type.type as WidgetDraft["type"], config: { ...initialConfig(type), ...config } });
