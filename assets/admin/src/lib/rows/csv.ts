import type { PlainColumn, Row } from "./cells";

/** What a spreadsheet would execute; the server's exports escape the same. A plain negative number is safe. */
const FORMULA = /^[\t\r\n]|^[\s\p{Cc}\p{Cf}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/u;
const NEGATIVE = /^-\d+(\.\d+)?$/;

/** A text that starts like a formula would be executed by a spreadsheet: a leading quote keeps it text. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const plain = typeof value === "object" ? JSON.stringify(value) : String(value);
  const text =
    typeof value === "string" && FORMULA.test(plain) && !NEGATIVE.test(plain) ? `'${plain}` : plain;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Formats CSV (RFC 4180) with a header line of the columns' labels, if there are any. Values are unformatted. */
export function toCsv(columns: readonly (PlainColumn & { label?: string })[], rows: readonly Row[]): string {
  const lines = [
    columns.map(({ name, label }) => cell(label || name)),
    ...rows.map((row) => columns.map(({ name }) => cell(row[name]))),
  ];
  return lines.map((line) => line.join(",")).join("\r\n");
}
