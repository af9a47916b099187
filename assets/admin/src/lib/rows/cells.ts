import type { Column } from "@/lib/api/model";
import { canonical, compareNumbers, isNumber } from "@/lib/format/decimals";
import { asDate } from "@/lib/format/figures";
import { region } from "@/lib/i18n";

export type Row = Record<string, unknown>;
/** A column's name and type, without how it is shown. */
export type PlainColumn = Pick<Column, "name" | "type">;
export type SortOrder = { column: string; descending: boolean } | null;

/** The type of a column's values. In a `mixed` column some are numbers. */
export type ColumnKind = "number" | "moment" | "text" | "mixed";

const NUMERIC =
  /^((big|small|tiny|medium)?int|u?int\d*|integer|(big|small)?serial|number|numeric|decimal|float\d*|double( precision)?|real|money)(?![a-z])/i;
const MOMENT = /^(timestamp|date)/i;
/** A text that is a number rather than a code: postal codes start with a zero. */
const PLAIN_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

const isNothing = (value: unknown): value is null | undefined => value === null || value === undefined;

/** Returns the type of a column: numeric by its type's name, else from all of its values. */
export function kindOf({ name, type }: PlainColumn, rows: readonly Row[]): ColumnKind {
  if (NUMERIC.test(type)) return "number";
  if (MOMENT.test(type)) return "moment";
  const values = rows.map((row) => row[name]).filter((value) => !isNothing(value));
  if (values.length === 0) return "text";
  // Many datasources, such as JSON and SQLite, have dates only as text.
  if (values.every((value) => asDate(value) !== null)) return "moment";
  if (type && type !== "unknown" && type !== "any") return "text";
  if (
    values.every(
      (value) => typeof value === "number" || (typeof value === "string" && PLAIN_NUMBER.test(value)),
    )
  )
    return "number";
  return values.some((value) => typeof value === "number") ? "mixed" : "text";
}

/** Whether a column holds numbers. */
export const isNumeric = (column: PlainColumn, rows: readonly Row[]): boolean =>
  kindOf(column, rows) === "number";

/** Formats a value as text in a cell. */
export function cellText(value: unknown): string {
  if (isNothing(value)) return "null";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Returns the column of that name, if it is described. */
export const columnNamed = (columns: readonly Column[], name: string): Column =>
  columns.find((column) => column.name === name) ?? { name, type: "unknown" };

/** Returns columns without what is declared about them: their data is shown as it is. */
export const plainColumns = (columns: readonly Column[]): PlainColumn[] =>
  columns.map(({ name, type }) => ({ name, type }));

/** Returns the columns of rows: the described ones that any row has, and every other key of the rows. */
export function columnsOf(rows: readonly Row[], described: readonly Column[] = []): Column[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  const known = new Set(described.map(({ name }) => name));
  const kept = rows.length ? described.filter(({ name }) => names.has(name)) : described;
  return [
    ...kept,
    ...[...names].filter((name) => !known.has(name)).map((name) => ({ name, type: "unknown" })),
  ];
}

/** Returns the rows if the data is a list of objects, else null. */
export function asRows(data: unknown): Row[] | null {
  const isRow = (item: unknown) => typeof item === "object" && item !== null && !Array.isArray(item);
  return Array.isArray(data) && data.every(isRow) ? (data as Row[]) : null;
}

/**
 * Returns the key that distinguishes a value, unlike its label: null, "" and "–" are three keys, and in a number column
 * 10 and "10.0" are one.
 */
export function keyOf(value: unknown, kind: ColumnKind): string {
  if (isNothing(value)) return "null";
  if ((kind === "number" || typeof value === "number") && isNumber(value))
    return `number ${canonical(value)}`;
  return `${typeof value} ${cellText(value)}`;
}

const collator = new Intl.Collator(region(), { numeric: true, sensitivity: "base" });

/** Returns the comparison of a column's values. Numbers sort before other values; invalid dates sort last. */
export function compareValues(kind: ColumnKind): (a: unknown, b: unknown) => number {
  const byText = (a: unknown, b: unknown) => collator.compare(cellText(a), cellText(b));
  if (kind === "moment") {
    return (a, b) => {
      const [left, right] = [asDate(a)?.getTime() ?? Infinity, asDate(b)?.getTime() ?? Infinity];
      // Times within one millisecond are ordered by their text.
      return left === right ? byText(a, b) : left < right ? -1 : 1;
    };
  }
  if (kind === "text") return byText;
  return (a, b) => {
    const [left, right] = [isNumber(a), isNumber(b)];
    if (isNumber(a) && isNumber(b)) return compareNumbers(a, b);
    return left === right ? byText(a, b) : left ? -1 : 1;
  };
}

/** Returns a sorted copy; nulls last in either direction. */
export function sortRows(
  rows: readonly Row[],
  order: SortOrder,
  columns: readonly PlainColumn[] = [],
): readonly Row[] {
  if (!order) return rows;
  const { column, descending } = order;
  const known = columns.find(({ name }) => name === column) ?? { name: column, type: "unknown" };
  const compare = compareValues(kindOf(known, rows));
  return [...rows].sort((left, right) => {
    const [a, b] = [left[column] ?? null, right[column] ?? null];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return descending ? compare(b, a) : compare(a, b);
  });
}

/** Whether the values are in ascending or descending order. */
export function isDescending(values: readonly unknown[], kind: ColumnKind): boolean {
  const compare = compareValues(kind);
  return values.every((value, index) => index === 0 || compare(values[index - 1], value) >= 0);
}

/** Returns a width in pixels that fits most of the first rows' values. */
export function widthOf(label: string, rows: readonly Row[], textOf: (row: Row) => string): number {
  const lengths = rows.slice(0, 100).map((row) => textOf(row).length);
  const longest = Math.max(label.length + 2, ...lengths, 4);
  return Math.min(Math.max(longest * 8.2 + 26, 72), 340);
}

/** Normalizes case and spaces: text with a narrow space is found with an ordinary one. */
const plain = (text: string) => text.toLowerCase().replace(/\s/gu, " ");

/** Returns the rows in which a shown text contains the search. */
export function searchRows(
  rows: readonly Row[],
  text: string,
  shownTexts: (row: Row) => readonly string[],
): readonly Row[] {
  const wanted = plain(text.trim());
  return wanted ? rows.filter((row) => shownTexts(row).some((shown) => plain(shown).includes(wanted))) : rows;
}
