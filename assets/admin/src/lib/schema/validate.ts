import { t } from "@lingui/core/macro";
import { canonical, compareNumbers, isNumber } from "@/lib/format/decimals";
import { isObject } from "@/lib/is-object";
import type { JsonSchema } from "./json-schema";
import {
  choicesOf,
  fieldsOf,
  isNumeric,
  isTemplate,
  labelOf,
  resolve,
  templatedOf,
  unionOf,
  type Field,
} from "./schema-fields";
import { joinPath, type FieldErrors } from "./paths";

interface Context {
  root: JsonSchema;
  errors: FieldErrors;
  /** Paths of secrets that are set: they need no value. */
  secrets: ReadonlySet<string>;
}

const UNEXPECTED = t`The format is not valid`;

/** Checks the rules that a form can break before the server does; returns messages by path below `path`. */
export function validate(
  schema: JsonSchema,
  value: unknown,
  path = "",
  secrets: ReadonlySet<string> = new Set(),
): FieldErrors {
  const context: Context = { root: schema, errors: {}, secrets };
  check(schema, value, path, context);
  return context.errors;
}

function check(schema: JsonSchema, value: unknown, path: string, context: Context): void {
  const { schema: resolved, nullable } = resolve(schema, context.root);
  if (value === undefined || (value === null && nullable)) return;
  const typed = templatedOf(resolved, context.root);
  if (typed)
    return isTemplate(typed, value)
      ? checkTemplate(resolved, value, path, context)
      : check(typed, value, path, context);
  const message = choicesOf(resolved)
    ? checkChoice(resolved, value)
    : (typeof value === "number" || isNumeric(resolved)) && isNumber(value)
      ? checkNumber(resolved, value)
      : typeof value === "string"
        ? checkText(resolved, value)
        : null;
  if (message) context.errors[path] = message;
  else if (Array.isArray(value)) checkList(resolved, value, path, context);
  else if (isObject(value)) checkObject(resolved, value, path, context);
}

function checkTemplate(schema: JsonSchema, value: string, path: string, context: Context): void {
  const text = (schema.anyOf ?? schema.oneOf)
    ?.map((option) => resolve(option, context.root).schema)
    .find(({ type, enum: choices }) => type === "string" && !choices);
  const message = text && checkText(text, value);
  if (message)
    context.errors[path] =
      text.pattern && message === UNEXPECTED ? t`Enter a template such as ${"{{ params.name }}"}` : message;
}

function checkChoice(schema: JsonSchema, value: unknown): string | null {
  return choicesOf(schema)?.some((choice) => choice.value === value)
    ? null
    : t`Select one of the allowed values`;
}

function checkText(schema: JsonSchema, value: string): string | null {
  const length = [...value].length;
  if (schema.minLength !== undefined && length < schema.minLength)
    return schema.minLength === 1 ? t`Must not be empty` : t`Must be at least ${schema.minLength} characters`;
  if (schema.maxLength !== undefined && length > schema.maxLength)
    return t`Must be at most ${schema.maxLength} characters`;
  if (schema.pattern !== undefined && !matches(schema.pattern, value)) return UNEXPECTED;
  return null;
}

function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true;
  }
}

/** `value` is a text if no double holds it. */
function checkNumber(schema: JsonSchema, value: number | string): string | null {
  const { type, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  if (type === "integer" && canonical(value).includes(".")) return t`Must be a whole number`;
  if (minimum !== undefined && compareNumbers(value, minimum) < 0) return t`Must be at least ${minimum}`;
  if (maximum !== undefined && compareNumbers(value, maximum) > 0) return t`Must be at most ${maximum}`;
  if (exclusiveMinimum !== undefined && compareNumbers(value, exclusiveMinimum) <= 0)
    return t`Must be greater than ${exclusiveMinimum}`;
  if (exclusiveMaximum !== undefined && compareNumbers(value, exclusiveMaximum) >= 0)
    return t`Must be less than ${exclusiveMaximum}`;
  return null;
}

function checkList(schema: JsonSchema, value: unknown[], path: string, context: Context): void {
  if (schema.minItems !== undefined && value.length < schema.minItems)
    context.errors[path] = t`Must have at least ${schema.minItems} entries`;
  else if (schema.maxItems !== undefined && value.length > schema.maxItems)
    context.errors[path] = t`Must be at most ${schema.maxItems}`;
  const { items } = schema;
  if (items) value.forEach((item, index) => check(items, item, joinPath(path, index), context));
}

function checkObject(
  schema: JsonSchema,
  value: Record<string, unknown>,
  path: string,
  context: Context,
): void {
  checkFields(schema.properties ? fieldsOf(schema, context.root) : [], value, path, context);
  const union = unionOf(schema, context.root);
  if (union) {
    const variant = union.variants.find((candidate) => candidate.value === value[union.discriminator]);
    if (variant) checkFields(variant.fields, value, path, context);
    else context.errors[joinPath(path, union.discriminator)] = t`Select an option`;
  }
}

function checkFields(fields: Field[], value: Record<string, unknown>, path: string, context: Context): void {
  for (const { name, schema, nullable, required } of fields) {
    const at = joinPath(path, name);
    const given = value[name];
    const missing = given === undefined || given === null || given === "";
    if (required && !nullable && missing && !(given !== null && context.secrets.has(at)))
      context.errors[at] = t`${labelOf(name, schema)} is required`;
    else check(schema, given, at, context);
  }
}
