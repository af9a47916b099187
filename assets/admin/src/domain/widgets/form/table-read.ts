// The table that a statement reads.
import type { SchemaTable } from "@/lib/api/model";

/** A name, quoted or not, with the names of its schema and database. */
const PATH = /(?:["`[]?[\p{L}_][\p{L}\p{N}_$]*["`\]]?\s*\.\s*)*["`[]?[\p{L}_][\p{L}\p{N}_$]*["`\]]?/u.source;
const FROM = new RegExp(`\\bfrom\\s+(${PATH})(?!(?:\\s+as)?(?:\\s+\\w+)?\\s*,)`, "iu");

/** Returns the only table that a statement reads; null if it reads several tables, or none of `tables`. */
export function tableRead(sql: string, tables: readonly SchemaTable[]): SchemaTable | null {
  if ((sql.match(/\b(?:from|join)\b/giu) ?? []).length !== 1) return null;
  const path = (FROM.exec(sql)?.[1] ?? "")
    .split(".")
    .map((name) => name.replace(/["`[\]\s]/g, "").toLowerCase());
  const [name, schema] = path.reverse();
  const same = tables.filter(
    (table) =>
      table.name.toLowerCase() === name && (schema === undefined || table.schema?.toLowerCase() === schema),
  );
  return same.length === 1 ? (same[0] ?? null) : null;
}
