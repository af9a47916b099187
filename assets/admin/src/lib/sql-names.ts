import type { SchemaTable } from "./api/model";

/** Schemas that databases look into by themselves. */
const USUAL = ["public", "main"];

/** The schema whose tables need no schema in front: a usual one, or the only one there is. */
export function usualSchema(tables: readonly SchemaTable[]): string | null {
  const schemas = [...new Set(tables.map(({ schema }) => schema ?? ""))];
  return USUAL.find((schema) => schemas.includes(schema)) ?? (schemas.length === 1 ? (schemas[0] ?? null) : null);
}

/** A table's name, with its schema in front where it needs one. */
export function pathOf({ schema, name }: Pick<SchemaTable, "schema" | "name">, usual: string | null): string[] {
  return schema && schema !== usual ? [schema, name] : [name];
}

/** A name as it is written in SQL: quoted where it would be read otherwise. */
export function quoted(name: string, quote: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `${quote}${name.replaceAll(quote, quote + quote)}${quote}`;
}

export const writtenName = (path: readonly string[], quote: string): string => path.map((part) => quoted(part, quote)).join(".");
