import type { Column } from "./api/model";
import { region } from "./i18n";
import { canonical, compareNumbers, isNumber } from "./decimals";
import { asDate } from "./figures";

export type Row = Record<string, unknown>;
export type SortOrder = { column: string; descending: boolean } | null;

/** What the values of a column are. Of `mixed` ones some are numbers. */
export type ColumnKind = "number" | "moment" | "text" | "mixed";

const NUMERIC = /^((big|small|tiny|medium)?int|u?int\d*|integer|(big|small)?serial|number|numeric|decimal|float\d*|double( precision)?|real|money)(?![a-z])/i;
const MOMENT = /^(timestamp|date)/i;
/** A text that is a number and no code: postal codes begin with a zero. */
const PLAIN_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

const isNothing = (value: unknown): value is null | undefined => value === null || value === undefined;

/** What a column holds: numbers by its type's name, else by all of its values. */
export function kindOf({ name, type }: Column, rows: readonly Row[]): ColumnKind {
  if (NUMERIC.test(type)) return "number";
  if (MOMENT.test(type)) return "moment";
  const values = rows.map((row) => row[name]).filter((value) => !isNothing(value));
  if (values.length === 0) return "text";
  // Many sources, such as JSON and SQLite, know moments only as texts.
  if (values.every((value) => asDate(value) !== null)) return "moment";
  if (type && type !== "unknown" && type !== "any") return "text";
  if (values.every((value) => typeof value === "number" || (typeof value === "string" && PLAIN_NUMBER.test(value)))) return "number";
  return values.some((value) => typeof value === "number") ? "mixed" : "text";
}

/** Whether a column holds numbers. */
export const isNumeric = (column: Column, rows: readonly Row[]): boolean => kindOf(column, rows) === "number";

/** The text of a value as it stands in a cell. */
export function cellText(value: unknown): string {
  if (isNothing(value)) return "null";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The column of that name, as far as it is described. */
export const columnNamed = (columns: readonly Column[], name: string): Column => columns.find((column) => column.name === name) ?? { name, type: "unknown" };

/** The columns of rows: those described, as far as any row has them, and every further key of the rows. */
export function columnsOf(rows: readonly Row[], described: readonly Column[] = []): Column[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  const known = new Set(described.map(({ name }) => name));
  const kept = rows.length ? described.filter(({ name }) => names.has(name)) : described;
  return [...kept, ...[...names].filter((name) => !known.has(name)).map((name) => ({ name, type: "unknown" }))];
}

/** Rows when the data is a list of objects, else null. */
export function asRows(data: unknown): Row[] | null {
  const isRow = (item: unknown) => typeof item === "object" && item !== null && !Array.isArray(item);
  return Array.isArray(data) && data.every(isRow) ? (data as Row[]) : null;
}

/** What a value is told from others by, never what it is called: null, "" and "–" are three, and 10 and "10.0" one where numbers stand. */
export function keyOf(value: unknown, kind: ColumnKind): string {
  if (isNothing(value)) return "null";
  if ((kind === "number" || typeof value === "number") && isNumber(value)) return `number ${canonical(value)}`;
  return `${typeof value} ${cellText(value)}`;
}

const collator = new Intl.Collator(region(), { numeric: true, sensitivity: "base" });

/** Numbers stand before what is none; a moment that cannot be read stands last. */
function compareAs(kind: ColumnKind): (a: unknown, b: unknown) => number {
  const byText = (a: unknown, b: unknown) => collator.compare(cellText(a), cellText(b));
  if (kind === "moment") {
    return (a, b) => {
      const [left, right] = [asDate(a)?.getTime() ?? Infinity, asDate(b)?.getTime() ?? Infinity];
      // What lies within one millisecond is told apart by its text.
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

/** A sorted copy; nulls last in either direction. */
export function sortRows(rows: readonly Row[], order: SortOrder, columns: readonly Column[] = []): readonly Row[] {
  if (!order) return rows;
  const { column, descending } = order;
  const compare = compareAs(kindOf(columnNamed(columns, column), rows));
  return [...rows].sort((left, right) => {
    const [a, b] = [left[column] ?? null, right[column] ?? null];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return descending ? compare(b, a) : compare(a, b);
  });
}

/** Whether the values come in ascending or in descending order. */
export function isDescending(values: readonly unknown[], kind: ColumnKind): boolean {
  const compare = compareAs(kind);
  return values.every((value, index) => index === 0 || compare(values[index - 1], value) >= 0);
}

/** A copy in ascending order. */
export const sortValues = <T>(items: readonly T[], valueOf: (item: T) => unknown, kind: ColumnKind): T[] => {
  const compare = compareAs(kind);
  return [...items].sort((a, b) => compare(valueOf(a), valueOf(b)));
};

/** A width in pixels that fits most of the first rows' values. */
export function widthOf(label: string, rows: readonly Row[], textOf: (row: Row) => string): number {
  const lengths = rows.slice(0, 100).map((row) => textOf(row).length);
  const longest = Math.max(label.length + 2, ...lengths, 4);
  return Math.min(Math.max(longest * 8.2 + 26, 72), 340);
}

/** Lower-case, and every space the same: what is written with a narrow space is found with a plain one. */
const plain = (text: string) => text.toLowerCase().replace(/\s/gu, " ");

/** The rows of which some text that is shown contains the wanted one. */
export function searchRows(rows: readonly Row[], text: string, shownTexts: (row: Row) => readonly string[]): readonly Row[] {
  const wanted = plain(text.trim());
  return wanted ? rows.filter((row) => shownTexts(row).some((shown) => plain(shown).includes(wanted))) : rows;
}
