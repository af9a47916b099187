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

/** Whether a statement of an SQL text looks like a write. Only a guess, to decide what to offer: the database knows. */
export function looksLikeWriting(sql: string): boolean {
  const text = sql.replace(SKIPPED, (piece) => (piece.startsWith("-") || piece.startsWith("/") ? " " : "''"));
  return text.split(";").some(statementWrites);
}
