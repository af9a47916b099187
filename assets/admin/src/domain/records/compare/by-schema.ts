import { t } from "@lingui/core/macro";
import { isObject } from "@/lib/is-object";
import type { JsonSchema } from "@/lib/schema/json-schema";
import { isEqual } from "@/lib/schema/merge-patch";
import { choicesOf, labelOf, resolve, unionOf } from "@/lib/schema/schema-fields";
import {
  diffEntries,
  diffValue,
  isSet,
  referenceOf,
  valueText,
  type Difference,
  type Fields,
  type Place,
} from "./differences";

const under = (outer: string, inner: string) => (outer ? `${outer} › ${inner}` : inner);

/** Returns the schemas of all fields that an object may have, in the order of its form. */
function fieldSchemas(schema: JsonSchema, root: JsonSchema): Map<string, JsonSchema> {
  const resolved = resolve(schema, root).schema;
  const own = Object.entries(resolved.properties ?? {}).map(
    ([name, property]) => [name, resolve(property, root).schema] as const,
  );
  const union = unionOf(resolved, root);
  const variants = union?.variants.flatMap(({ fields }) =>
    fields.map(({ name, schema: of }) => [name, of] as const),
  );
  const kinds: JsonSchema | null = union && {
    title: union.title,
    oneOf: union.variants.map(({ value, title }) => ({ const: value, title })),
  };
  return new Map([
    ...(union && kinds ? [[union.discriminator, kinds] as const] : []),
    ...own,
    ...(variants ?? []),
  ]);
}

/** Compares two objects field by field, under the labels of the form that the schema describes. */
export function diffBySchema(
  schema: JsonSchema,
  before: Fields,
  after: Fields,
  place: Place,
  root = schema,
): Difference[] {
  const schemas = fieldSchemas(schema, root);
  const names = new Set([...schemas.keys(), ...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const field = schemas.get(name);
    // Keys that people chose are shown as they are.
    const label = (field ?? place.of === "") ? labelOf(name, field ?? {}) : name;
    return diffField(
      { name, label, schema: field ?? {}, root, place: { path: `${place.path}.${name}`, of: place.of } },
      before[name] ?? field?.default,
      after[name] ?? field?.default,
    );
  });
}

interface FieldPlace {
  name: string;
  label: string;
  schema: JsonSchema;
  root: JsonSchema;
  place: Place;
}

function diffField(field: FieldPlace, before: unknown, after: unknown): Difference[] {
  if (isEqual(before ?? null, after ?? null)) return [];
  const { name, label, schema, root, place } = field;
  const some = isSet(before) ? before : after;
  const [old, now] = [before ?? undefined, after ?? undefined];
  if (isObject(some) && (old === undefined || isObject(old)) && (now === undefined || isObject(now)))
    return diffBySchema(
      schema,
      isObject(old) ? old : {},
      isObject(now) ? now : {},
      { path: place.path, of: under(place.of, label) },
      root,
    );
  if (isObjects(old ?? []) && isObjects(now ?? []) && (isObjects(some) || Array.isArray(some)))
    return diffList(field, (old ?? []) as Fields[], (now ?? []) as Fields[]);
  const said = (value: unknown) =>
    choicesOf(schema)?.find((choice) => choice.value === value)?.label ?? value;
  return diffValue(place, label, said(before), said(after), referenceOf(name));
}

const isObjects = (value: unknown): value is Fields[] => Array.isArray(value) && value.every(isObject);

/** What names an entry of a list. */
const NAMES = ["name", "key", "id", "field", "column", "label", "title", "path"];

function nameOf(entry: Fields, index: number): string {
  const name = NAMES.map((candidate) => entry[candidate]).find(
    (value) => typeof value === "string" && value !== "",
  );
  return typeof name === "string" ? name : `${index + 1}`;
}

function diffList(
  { label, schema, root, place }: FieldPlace,
  before: Fields[],
  after: Fields[],
): Difference[] {
  const names = (list: Fields[]) => list.map(nameOf);
  const unique = [before, after].every((list) => new Set(names(list)).size === list.length);
  const of = under(place.of, label);
  const found = diffEntries<Fields>(place.path, before, after, {
    keyOf: (entry, index) => (unique ? nameOf(entry, index) : String(index)),
    nameOf: (entry, index) => under(of, nameOf(entry, index)),
    summaryOf: (entry) => valueText(entry),
    diff: (inner, was, is) => diffBySchema(schema.items ?? {}, was, is, inner, root),
  });
  if (found.length > 0) return found;
  return diffValue({ path: place.path, of }, t`Order`, names(before), names(after));
}
