// The table that a statement reads.
import type { SchemaTable } from "@/lib/api/model";

/** A name, quoted or not, with the names of its schema and database. */
const PATH = /(?:["`[]?[\p{L}_][\p{L}\p{N}_$]*["`\]]?\s*\.\s*)*["`[]?[\p{L}_][\p{L}\p{N}_$]*["`\]]?/u.source;
const FROM = new RegExp(`\\bfrom\\s+(${PATH})(?!(?:\\s+as)?(?:\\s+\\w+)?\\s*,)`, "iu");

/** Leaves out everything in parentheses, such as a subquery for the label of a row. */
function withoutParentheses(sql: string): string {
  let [before, rest] = ["", sql];
  while (rest !== before) [before, rest] = [rest, rest.replace(/\([^()]*\)/gu, " ? ")];
  return rest;
}

/**
 * Returns the only table that a statement reads rows from; null if it reads several tables, or none of `tables`. Subqueries in
 * its columns and conditions do not count.
 */
export function tableRead(sql: string, tables: readonly SchemaTable[]): SchemaTable | null {
  const plain = withoutParentheses(sql);
  if ((plain.match(/\b(?:from|join|union|intersect|except)\b/giu) ?? []).length !== 1) return null;
  const path = (FROM.exec(plain)?.[1] ?? "")
    .split(".")
    .map((name) => name.replace(/["`[\]\s]/g, "").toLowerCase());
  const [name, schema] = path.reverse();
  const same = tables.filter(
    (table) =>
      table.name.toLowerCase() === name && (schema === undefined || table.schema?.toLowerCase() === schema),
  );
  return same.length === 1 ? (same[0] ?? null) : null;
}
