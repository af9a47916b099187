import { cellText, type Row } from "./cells";

/** Columns whose values name a row, the best first, and those that identify it. */
const NAMING = [/^(name|title|label|subject)$/i, /[_\s](name|title|label)$/i, /^id$/i, /[_\s]id$/i];
const MOST = 80;

/** Returns what people call a row: its name or its key, else its first value; empty if it has none. */
export function rowName(row: Row): string {
  const shown = Object.entries(row).filter(
    ([, value]) => value !== "" && (typeof value === "string" || typeof value === "number"),
  );
  const [named] = NAMING.flatMap((pattern) => shown.filter(([field]) => pattern.test(field)));
  return cellText((named ?? shown[0])?.[1] ?? "").slice(0, MOST);
}
