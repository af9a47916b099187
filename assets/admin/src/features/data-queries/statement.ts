import type { DataQueryDraft, DatasourceType } from "@/lib/api/model";
import { sqlOf } from "./draft";

const SKIPPED = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`/g;
const READS = /^(?:select|values|table|show|describe|desc|explain|pragma|from|use)\b/i;
const WRITES_WITHIN = /\b(?:insert\s+into|update|delete\s+from|merge\s+into)\b/i;

/** Whether an SQL text looks as if it changed something. A guess, for what to offer: the database knows. */
export function looksLikeWriting(sql: string): boolean {
  const text = sql.replace(SKIPPED, (piece) => (piece.startsWith("-") || piece.startsWith("/") ? " " : "''")).replace(/^[\s(;]+/, "");
  if (text === "" || READS.test(text)) return false;
  return /^with\b/i.test(text) ? WRITES_WITHIN.test(text) : true;
}

/** What can be done with a query besides running it. */
export function offersOf({ capabilities }: DatasourceType, draft: Pick<DataQueryDraft, "options">): { explain: boolean; preview: boolean } {
  return { explain: capabilities.explain, preview: capabilities.preview && (!capabilities.sql || looksLikeWriting(sqlOf(draft))) };
}
