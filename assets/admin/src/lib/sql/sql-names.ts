import type { SchemaTable } from "@/lib/api/model";

/** Schemas that databases search by default. */
const USUAL = ["public", "main"];

/** Returns the schema whose tables need no prefix: a default one, or the only one. */
export function usualSchema(tables: readonly SchemaTable[]): string | null {
  const schemas = [...new Set(tables.map(({ schema }) => schema ?? ""))];
  return (
    USUAL.find((schema) => schemas.includes(schema)) ?? (schemas.length === 1 ? (schemas[0] ?? null) : null)
  );
}

/** Returns a table's name, with its schema if it needs one. */
export function pathOf(
  { schema, name }: Pick<SchemaTable, "schema" | "name">,
  usual: string | null,
): string[] {
  return schema && schema !== usual ? [schema, name] : [name];
}

/** Quotes a name for SQL if necessary. */
export function quoted(name: string, quote: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `${quote}${name.replaceAll(quote, quote + quote)}${quote}`;
}

export const writtenName = (path: readonly string[], quote: string): string =>
  path.map((part) => quoted(part, quote)).join(".");

export const selectAll = (path: readonly string[], quote = '"'): string =>
  `select * from ${writtenName(path, quote)}`;
