import type { JsonSchema } from "./api/json-schema";
import type { JsonObject, Parameter, ParameterType } from "./api/model";

const typed: Record<ParameterType, JsonSchema> = {
  string: { type: "string" },
  number: { type: "number" },
  boolean: { type: "boolean" },
  date: { type: "string", format: "date", "x-widget": "date" },
  array: { type: "array", items: {} },
  object: { type: "object" },
};

function fieldOf({ type, description, default: standard, allowed }: Parameter): JsonSchema {
  return {
    ...typed[type],
    ...(description ? { description } : {}),
    ...(standard === null || standard === undefined ? {} : { default: standard }),
    ...(allowed?.length ? { enum: allowed } : {}),
  };
}

/** The form of declared inputs as a JSON Schema; the fields are called as they are declared. */
export function inputSchema(inputs: readonly Parameter[]): JsonSchema {
  return {
    type: "object",
    properties: Object.fromEntries(inputs.map((input) => [input.name, { title: input.name, ...fieldOf(input) }])),
    // What has a default need not be given.
    required: inputs.filter((input) => input.required && (input.default === null || input.default === undefined)).map(({ name }) => name),
  };
}

/** What a form for the inputs starts with: an earlier input, where it still fits, else nothing. */
export function startingInput(inputs: readonly Parameter[], earlier: unknown): JsonObject {
  if (typeof earlier !== "object" || earlier === null) return {};
  const given = earlier as JsonObject;
  return Object.fromEntries(inputs.filter(({ name }) => given[name] !== undefined).map(({ name }) => [name, given[name]]));
}
