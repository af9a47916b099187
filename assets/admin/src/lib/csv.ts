import type { Column } from "./api/model";
import type { Row } from "./cells";

/** What a spreadsheet would run: the server's exports escape the same. A plain negative number is not. */
const FORMULA = /^[\t\r\n]|^[\s\p{Cc}\p{Cf}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/u;
const NEGATIVE = /^-\d+(\.\d+)?$/;

/** A text that begins like a formula would be run by a spreadsheet: a quote in front keeps it text. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const plain = typeof value === "object" ? JSON.stringify(value) : String(value);
  const text = typeof value === "string" && FORMULA.test(plain) && !NEGATIVE.test(plain) ? `'${plain}` : plain;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** RFC 4180, with a header line: the columns' labels, where they have them. Values are written whole, not as they are formatted. */
export function toCsv(columns: readonly (Column & { label?: string })[], rows: readonly Row[]): string {
  const lines = [columns.map(({ name, label }) => cell(label || name)), ...rows.map((row) => columns.map(({ name }) => cell(row[name])))];
  return lines.map((line) => line.join(",")).join("\r\n");
}
