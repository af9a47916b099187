import type { JsonObject } from "@/lib/api/model";

const SKIPPED = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`/g;
const READS = /^(?:select|with|values|table|show|describe|desc|from|use|explain|pragma)\b/i;
const WRITES_WITHIN = /\b(?:insert\s+into|update|delete\s+from|merge\s+into|replace\s+into|into)\b/i;
/** `for update` locks rows without changing them. */
const LOCKS = /\bfor\s+(?:no\s+key\s+)?update\b/gi;

function statementWrites(statement: string): boolean {
  const text = statement.replace(/^[\s(]+/, "").replace(LOCKS, " ");
  if (text === "") return false;
  if (!READS.test(text)) return true;
  if (/^explain\b/i.test(text)) return /\banaly[sz]e\b/i.test(text) && WRITES_WITHIN.test(text);
  if (/^pragma\b/i.test(text)) return text.includes("=");
  return /^(?:select|with|from)\b/i.test(text) && WRITES_WITHIN.test(text);
}

const withoutTexts = (sql: string) =>
  sql.replace(SKIPPED, (piece) => (piece.startsWith("-") || piece.startsWith("/") ? " " : "''"));

/** Whether a statement of an SQL text looks like a write. Only a guess, to decide what to offer: the database knows. */
export function looksLikeWriting(sql: string): boolean {
  return withoutTexts(sql).split(";").some(statementWrites);
}

/** Procedures may only read. */
const CALLS = /^\s*(?:call|exec|execute|do|begin)\b/i;

/**
 * Whether a query changes data, by its options: where its result is shown, it would do so each time. False where that is
 * not certain: services also read with POST.
 */
export function changesData({ sql, method, query }: JsonObject): boolean {
  if (typeof sql === "string")
    return withoutTexts(sql)
      .split(";")
      .some((statement) => statementWrites(statement) && !CALLS.test(statement));
  if (typeof method === "string") return /^(put|patch|delete)$/i.test(method);
  return typeof query === "string" && /^\s*(?:#[^\n]*\s*)*mutation\b/.test(query);
}
