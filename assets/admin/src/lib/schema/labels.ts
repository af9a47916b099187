import type { JsonSchema } from "./json-schema";
import { labelOf, resolve } from "./schema-fields";

/** Returns the label of the field at a path below a schema, with those of the groups around it. */
export function labelsAt(schema: JsonSchema, keys: readonly string[]): string[] {
  const [key, ...rest] = keys;
  if (key === undefined) return [];
  const plain = resolve(schema, schema).schema;
  if (/^\d+$/.test(key))
    return [String(Number(key) + 1), ...(plain.items ? labelsAt(plain.items, rest) : [])];
  const branches = [plain, ...(plain.oneOf ?? []), ...(plain.anyOf ?? [])];
  const field = branches.find(({ properties }) => properties?.[key])?.properties?.[key];
  return field ? [labelOf(key, resolve(field, schema).schema), ...labelsAt(field, rest)] : [key];
}
