import { t } from "@lingui/core/macro";
import { isObject } from "@/lib/is-object";
import type { JsonSchema } from "./json-schema";
import { fieldsOf, labelOf, resolve, unionOf, type Field } from "./schema-fields";
import { isEqual } from "./merge-patch";
import { joinPath, normalizePath, type FieldErrors } from "./paths";

type Json = Record<string, unknown>;

interface Option {
  path: string;
  label: string;
  schema: JsonSchema;
}

const isEmpty = (value: unknown) =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);

/** Returns the individual options of a schema, of every variant. */
function optionsOf(schema: JsonSchema, root: JsonSchema, path: string): Option[] {
  const union = unionOf(schema, root);
  const choice: Field[] = union
    ? [{ name: union.discriminator, schema: { title: union.title }, nullable: false, required: true }]
    : [];
  const fields = [
    ...fieldsOf(schema, root).filter(({ name }) => name !== union?.discriminator),
    ...choice,
    ...(union?.variants.flatMap((variant) => variant.fields) ?? []),
  ];
  return fields.flatMap(({ name, schema: field }) => {
    const at = joinPath(path, name);
    return field.properties || unionOf(field, root)
      ? optionsOf(field, root, at)
      : [{ path: at, label: labelOf(name, field), schema: field }];
  });
}

function valueAt(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((found, key) => (isObject(found) ? found[key] : undefined), value);
}

/** Returns the label of the first changed option that decides where secrets are sent. */
function changedOption(options: Option[], before: Json, after: Json): string | null {
  const normal = (value: unknown, { schema }: Option) =>
    isEmpty(value) || isEqual(value, schema.default) ? undefined : value;
  const changed = options.find((option) => {
    const [old, next] = [valueAt(before, option.path), valueAt(after, option.path)];
    if (option.schema.writeOnly) return Boolean(option.schema["x-destination"]) && next !== undefined;
    return !option.schema["x-harmless"] && !isEqual(normal(old, option), normal(next, option));
  });
  return changed?.label ?? null;
}

/** Whether an entry of a list is a stored secret that is not sent again. */
export const isStoredEntry = (entry: unknown): boolean =>
  isObject(entry) && entry["secret"] === true && entry["value"] === undefined;

/**
 * Returns the secrets that must be entered again, by the same rules as the server: they are kept in `after`, but would
 * be sent somewhere else than in `before`. `secrets` are the server's names of those that are set.
 */
export function secretsToEnterAgain(
  schema: JsonSchema,
  before: Json,
  after: Json,
  secrets: string[],
): FieldErrors {
  const root = resolve(schema, schema).schema;
  const cause = changedOption(optionsOf(root, schema, ""), before, after);
  if (cause === null) return {};
  const message = t`${cause} changed: enter this secret again`;
  const errors: FieldErrors = {};
  for (const path of secrets.map(normalizePath)) {
    if (!path.includes("[") && valueAt(after, path) === undefined && fits(schema, after, path))
      errors[`options.${path}`] = message;
  }
  for (const [name, list] of Object.entries(after)) {
    if (Array.isArray(list))
      list.forEach(
        (entry, index) =>
          isStoredEntry(entry) &&
          (errors[joinPath(joinPath(joinPath("options", name), index), "value")] = message),
      );
  }
  return errors;
}

/** Whether the secret belongs to the selected variant. */
function fits(schema: JsonSchema, options: Json, path: string): boolean {
  const [parent, name] = path.split(".");
  if (!parent || !name) return true;
  const property = resolve(schema, schema).schema.properties?.[parent];
  const union = property && unionOf(resolve(property, schema).schema, schema);
  const chosen = union?.variants.find(
    (variant) => variant.value === valueAt(options, joinPath(parent, union.discriminator)),
  );
  return !union || Boolean(chosen?.fields.some((field) => field.name === name));
}
