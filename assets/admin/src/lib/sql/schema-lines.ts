import { t } from "@lingui/core/macro";
import type { SchemaTable } from "@/lib/api/model";
import { pathOf, usualSchema } from "./sql-names";

export type SchemaColumn = SchemaTable["columns"][number];

/** A visible line of the schema: a table, or a column of the expanded table above it. */
export type SchemaLine =
  | { key: string; table: SchemaTable; path: string[]; open: boolean; column?: undefined }
  | { key: string; table: SchemaTable; path: string[]; column: SchemaColumn };

/**
 * Returns the lines that match a search: tables by name, and tables by their columns, which are then expanded and show
 * only those. `toggled` stores which tables were expanded or collapsed by hand.
 */
export function schemaLines(
  tables: readonly SchemaTable[],
  search: string,
  toggled: ReadonlyMap<string, boolean>,
): SchemaLine[] {
  const wanted = search.trim().toLowerCase();
  const usual = usualSchema(tables);
  return tables.flatMap((table) => {
    const path = pathOf(table, usual);
    const key = `${table.schema ?? ""}.${table.name}`;
    const byName = path.join(".").toLowerCase().includes(wanted);
    const columns = byName
      ? table.columns
      : table.columns.filter(({ name }) => name.toLowerCase().includes(wanted));
    if (!byName && columns.length === 0) return [];
    const open = toggled.get(key) ?? !byName;
    const lines: SchemaLine[] = open
      ? columns.map((column) => ({ key: `${key}.${column.name}`, table, path, column }))
      : [];
    return [{ key, table, path, open }, ...lines];
  });
}

/** Describes a column: type, keys, default, comment. */
export function columnFacts({
  type,
  nullable,
  primaryKey,
  references,
  default: standard,
  comment,
}: SchemaColumn): string[] {
  return [
    nullable ? t`${type}, nullable` : t`${type}, not null`,
    primaryKey ? t`Primary key` : "",
    references
      ? t`References ${[references.schema, references.table, references.column].filter(Boolean).join(".")}`
      : "",
    standard ? t`Default: ${standard}` : "",
    comment ?? "",
  ].filter(Boolean);
}
