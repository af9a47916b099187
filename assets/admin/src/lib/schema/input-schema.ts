import type { JsonObject, Parameter, ParameterType } from "@/lib/api/model";
import type { JsonSchema } from "./json-schema";

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

/** Returns a JSON Schema for declared inputs; the fields keep their declared names. */
export function inputSchema(inputs: readonly Parameter[]): JsonSchema {
  return {
    type: "object",
    properties: Object.fromEntries(
      inputs.map((input) => [input.name, { title: input.name, ...fieldOf(input) }]),
    ),
    // Inputs with a default are optional.
    required: inputs
      .filter((input) => input.required && (input.default === null || input.default === undefined))
      .map(({ name }) => name),
  };
}

/** Returns the initial values of a form for inputs: an earlier input if it still fits, else empty. */
export function startingInput(inputs: readonly Parameter[], earlier: unknown): JsonObject {
  if (typeof earlier !== "object" || earlier === null) return {};
  const given = earlier as JsonObject;
  return Object.fromEntries(
    inputs.filter(({ name }) => given[name] !== undefined).map(({ name }) => [name, given[name]]),
  );
}
