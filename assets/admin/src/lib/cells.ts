import { region } from "./i18n";
import type { Column } from "./api/model";

export type Row = Record<string, unknown>;
export type SortOrder = { column: string; descending: boolean } | null;

const NUMERIC = /^((big|small|tiny|medium)?int|u?int\d*|integer|(big|small)?serial|number|numeric|decimal|float\d*|double( precision)?|real|money)(?![a-z])/i;

/** Whether a column holds numbers: by its type's name, else by its first value. */
export function isNumeric(column: Column, rows: readonly Row[]): boolean {
  if (NUMERIC.test(column.type)) return true;
  if (column.type && column.type !== "unknown" && column.type !== "any") return false;
  const first = rows.find((row) => row[column.name] !== null && row[column.name] !== undefined)?.[column.name];
  return typeof first === "number";
}

/** The text of a value as it stands in a cell. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return "null";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The columns of rows: those described, as far as any row has them, and every further key of the first thousand rows. */
export function columnsOf(rows: readonly Row[], described: readonly Column[] = []): Column[] {
  const names = new Set<string>();
  for (const row of rows.slice(0, 1000)) for (const name of Object.keys(row)) names.add(name);
  const known = new Set(described.map(({ name }) => name));
  const kept = rows.length ? described.filter(({ name }) => names.has(name)) : described;
  return [...kept, ...[...names].filter((name) => !known.has(name)).map((name) => ({ name, type: "unknown" }))];
}

/** Rows when the data is a list of objects, else null. */
export function asRows(data: unknown): Row[] | null {
  const isRow = (item: unknown) => typeof item === "object" && item !== null && !Array.isArray(item);
  return Array.isArray(data) && data.every(isRow) ? (data as Row[]) : null;
}

const collator = new Intl.Collator(region(), { numeric: true, sensitivity: "base" });

function compare(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return collator.compare(cellText(a), cellText(b));
}

/** A sorted copy; nulls last in either direction. */
export function sortRows(rows: readonly Row[], order: SortOrder): readonly Row[] {
  if (!order) return rows;
  const { column, descending } = order;
  return [...rows].sort((left, right) => {
    const [a, b] = [left[column] ?? null, right[column] ?? null];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return descending ? compare(b, a) : compare(a, b);
  });
}

/** A width in pixels that fits most of the first rows' values. */
export function widthOf(label: string, rows: readonly Row[], textOf: (row: Row) => string): number {
  const lengths = rows.slice(0, 100).map((row) => textOf(row).length);
  const longest = Math.max(label.length + 2, ...lengths, 4);
  return Math.min(Math.max(longest * 8.2 + 26, 72), 340);
}

/** The rows in which some value, as it stands in its cell, contains the text. */
export function searchRows(rows: readonly Row[], text: string): readonly Row[] {
  const wanted = text.trim().toLowerCase();
  return wanted ? rows.filter((row) => Object.values(row).some((value) => cellText(value).toLowerCase().includes(wanted))) : rows;
}
