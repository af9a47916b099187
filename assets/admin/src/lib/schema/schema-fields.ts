import { isNumber } from "@/lib/format/decimals";
import { serverText } from "@/lib/i18n";
import type { JsonSchema, JsonSchemaType } from "./json-schema";

/** A schema with references and wrappers resolved, and whether it also allows null. */
export interface Resolved {
  schema: JsonSchema;
  nullable: boolean;
}

export interface Field {
  name: string;
  schema: JsonSchema;
  nullable: boolean;
  required: boolean;
}

interface Variant {
  /** The discriminator's value. */
  value: string;
  title: string;
  description?: string;
  /** The variant's own fields, without the discriminator. */
  fields: Field[];
}

export interface Union {
  discriminator: string;
  /** The discriminator's own schema. */
  title: string;
  variants: Variant[];
}

export interface Choice {
  value: string | number | boolean;
  label: string;
  description?: string;
}

const MAX_DEPTH = 16;

function lookUp(ref: string, root: JsonSchema): JsonSchema {
  const name = /^#\/\$defs\/(.+)$/.exec(ref)?.[1];
  return (name && root.$defs?.[decodeURIComponent(name).replaceAll("~1", "/").replaceAll("~0", "~")]) || {};
}

/** Merges two object schemas; the second one's texts win. */
function merge(base: JsonSchema, over: JsonSchema): JsonSchema {
  const merged = { ...base, ...over };
  if (base.properties && over.properties) merged.properties = { ...base.properties, ...over.properties };
  if (base.required && over.required) merged.required = [...new Set([...base.required, ...over.required])];
  return merged;
}

const isNull = (schema: JsonSchema) => schema.type === "null" || schema.const === null;

/** Follows `$ref`, merges `allOf`, and removes null from `anyOf: [T, null]` and `type: [T, "null"]`. */
export function resolve(schema: JsonSchema, root: JsonSchema, depth = 0): Resolved {
  if (depth > MAX_DEPTH) return { schema: {}, nullable: true };
  const { $ref, allOf, ...own } = schema;
  const parts = [...($ref ? [lookUp($ref, root)] : []), ...(allOf ?? [])].map((part) =>
    resolve(part, root, depth + 1),
  );
  const joined = parts.reduceRight((over, part) => merge(part.schema, over), own);
  const typed = withoutNullType(joined);
  const single = withoutNullOption(typed, root, depth);
  return {
    schema: single,
    nullable: parts.some(({ nullable }) => nullable) || typed !== joined || single !== typed,
  };
}

/** Returns the same schema object if null was not among the types. */
function withoutNullType(schema: JsonSchema): JsonSchema {
  if (!Array.isArray(schema.type)) return schema;
  const types: JsonSchemaType[] = schema.type.filter((type) => type !== "null");
  if (types.length === schema.type.length) return schema;
  const { type, ...rest } = schema;
  return types.length === 1 && types[0]
    ? { ...rest, type: types[0] }
    : { ...rest, type: types.length ? types : type };
}

/** Returns the same schema object if null was not among the options. */
function withoutNullOption(schema: JsonSchema, root: JsonSchema, depth: number): JsonSchema {
  const options = schema.anyOf ?? schema.oneOf;
  const present = options?.filter((option) => !isNull(option));
  if (!options || !present || present.length === options.length) return schema;
  const outer = { ...schema };
  delete outer.anyOf;
  delete outer.oneOf;
  const [only] = present;
  return present.length === 1 && only
    ? merge(resolve(only, root, depth + 1).schema, outer)
    : { ...outer, oneOf: present };
}

/** Derives a label from a name: "connectTimeoutMs" → "Connect timeout (ms)", "queryID" → "Query". */
export function labelOf(name: string, schema: JsonSchema): string {
  if (schema.title && schema.title !== name) return schema.title;
  const words = name
    .replace(/ID$/, "")
    .replace(/[_-]+/g, " ")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase();
  const text = words
    .replace(/ ms$/, " (ms)")
    .replace(/ seconds$/, " (s)")
    .replace(/\b(url|id|sql|ssl|http|json|api|csv|ca)\b/g, (word) => word.toUpperCase());
  return serverText(text.charAt(0).toUpperCase() + text.slice(1));
}

/** Returns the fields of an object in the schema's order, without hidden ones. */
export function fieldsOf(schema: JsonSchema, root: JsonSchema): Field[] {
  return Object.entries(schema.properties ?? {})
    .map(([name, property]) => ({
      name,
      ...resolve(property, root),
      required: schema.required?.includes(name) ?? false,
    }))
    .filter(({ schema: { readOnly, "x-widget": widget } }) => !readOnly && widget !== "hidden");
}

/** Text formats that are code. */
const CODE = new Set(["sql", "javascript", "json", "graphql"]);

export const isCode = ({ format = "", "x-widget": widget }: JsonSchema): boolean =>
  widget === "code" || CODE.has(format);

/** Returns the field of an object that consists of a single text of code. */
export function onlyCode(schema: JsonSchema): Field | null {
  const [field, ...others] = fieldsOf(schema, schema);
  return field && others.length === 0 && field.schema.type === "string" && isCode(field.schema)
    ? field
    : null;
}

/** A choice between fixed values: `enum`, or `oneOf` constants that may have descriptions. */
export function choicesOf(schema: JsonSchema): Choice[] | null {
  if (schema.enum) return schema.enum.filter(isScalar).map((value) => ({ value, label: String(value) }));
  const options = schema.oneOf ?? schema.anyOf;
  if (!options?.every((option) => option.const !== undefined || (option.enum && option.type !== "object")))
    return null;
  return options.flatMap(({ const: constant, enum: many, title, description }) =>
    [constant, ...(many ?? [])]
      .filter(isScalar)
      .map((value) => ({ value, label: title ?? String(value), ...(description ? { description } : {}) })),
  );
}

function isScalar(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

/** A union whose members each fix one common property to a constant. */
export function unionOf(schema: JsonSchema, root: JsonSchema): Union | null {
  const members = (schema.oneOf ?? schema.anyOf)?.map((option) => resolve(option, root).schema);
  const first = members?.[0];
  if (!members || !first?.properties) return null;
  const discriminator = Object.keys(first.properties).find((name) =>
    members.every(
      (member) => member.properties?.[name] && constantOf(member.properties[name], root) !== undefined,
    ),
  );
  if (!discriminator) return null;
  const variants = members.map((member): Variant => {
    const value = String(constantOf(member.properties?.[discriminator] ?? {}, root));
    return {
      value,
      title: member.title ?? labelOf(value, {}),
      ...(member.description ? { description: member.description } : {}),
      fields: fieldsOf(member, root).filter(({ name }) => name !== discriminator),
    };
  });
  return {
    discriminator,
    title: labelOf(discriminator, resolve(first.properties[discriminator] ?? {}, root).schema),
    variants,
  };
}

/** A value that may also be a text with `{{ … }}`: returns its schema otherwise. */
export function templatedOf(schema: JsonSchema, root: JsonSchema): JsonSchema | null {
  const { anyOf, oneOf, ...outer } = schema;
  const options: JsonSchema[] | undefined =
    anyOf ?? oneOf ?? (Array.isArray(schema.type) ? schema.type.map((type) => ({ type })) : undefined);
  if (options?.length !== 2) return null;
  const [first, second] = options.map((option) => resolve(option, root).schema);
  const isText = (option: JsonSchema | undefined) =>
    option?.type === "string" && option.const === undefined && !option.enum;
  const typed = isText(second) ? first : isText(first) ? second : undefined;
  const drawn =
    typed &&
    (choicesOf(typed) || ["boolean", "integer", "number", "array", "object"].includes(String(typed.type)));
  if (!typed || !drawn) return null;
  const { type: _, ...words } = outer;
  return merge(typed, words);
}

export const isNumeric = ({ type }: JsonSchema): boolean => type === "number" || type === "integer";

/** Whether a value is a template in place of a `typed` one. A number may be text: one that no double holds. */
export const isTemplate = (typed: JsonSchema, value: unknown): value is string =>
  typeof value === "string" &&
  !(isNumeric(typed) && isNumber(value)) &&
  !choicesOf(typed)?.some((choice) => choice.value === value);

function constantOf(schema: JsonSchema, root: JsonSchema): unknown {
  const resolved = resolve(schema, root).schema;
  return resolved.const ?? (resolved.enum?.length === 1 ? resolved.enum[0] : undefined);
}

/** Returns the initial value: the schema's default, else the smallest valid value. */
export function initialValue(schema: JsonSchema, root: JsonSchema, depth = 0): unknown {
  const { schema: resolved, nullable } = resolve(schema, root);
  if (resolved.default !== undefined && resolved.default !== null) return structuredClone(resolved.default);
  if (resolved.const !== undefined) return resolved.const;
  if (nullable || depth > MAX_DEPTH || templatedOf(resolved, root)) return undefined;
  const union = unionOf(resolved, root);
  const fields = resolved.properties ? fieldsOf(resolved, root) : [];
  const variant = union?.variants[0];
  if (union && variant)
    return {
      ...initialFields(fields, root, depth),
      [union.discriminator]: variant.value,
      ...initialFields(variant.fields, root, depth),
    };
  if (resolved.properties) return initialFields(fields, root, depth);
  if (resolved.type === "array") return [];
  if (resolved.type === "object") return {};
  return undefined;
}

export function initialFields(fields: Field[], root: JsonSchema, depth = 0): Record<string, unknown> {
  const entries = fields
    .filter(({ schema }) => !schema.writeOnly)
    .map(({ name, schema, nullable, required }) => {
      const needed =
        required || schema.default !== undefined || schema.type === "object" || schema.properties;
      return [
        name,
        nullable || !needed ? (schema.default ?? undefined) : initialValue(schema, root, depth + 1),
      ] as const;
    });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** Whether a field is relevant given its siblings' values; an absent sibling has its default. */
export function applies(
  { schema }: Field,
  value: Record<string, unknown>,
  fields: readonly Field[],
): boolean {
  const standard = (name: string) => fields.find((field) => field.name === name)?.schema.default;
  return Object.entries(schema["x-when"] ?? {}).every(([name, values]) =>
    values.includes(value[name] ?? standard(name)),
  );
}

/** Returns the fields by group; those without a group first. Named groups start collapsed. */
export function fieldGroupsOf(fields: Field[]): [group: string | null, fields: Field[]][] {
  const groups = new Map<string | null, Field[]>();
  for (const field of fields) {
    const group = field.schema["x-group"] ?? null;
    groups.set(group, [...(groups.get(group) ?? []), field]);
  }
  return [...groups].sort(([a], [b]) => Number(a !== null) - Number(b !== null));
}
