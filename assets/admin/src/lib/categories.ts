import { t } from "@lingui/core/macro";
import type { Column } from "./api/model";
import { cellText, columnNamed, keyOf, kindOf, type ColumnKind, type Row } from "./cells";
import { asDate } from "./figures";
import { region } from "./i18n";

/** How the values of a column are told apart and called where they name things: on an axis, in a legend, in a list. */
export interface Categories {
  kind: ColumnKind;
  keyOf: (value: unknown) => string;
  labelOf: (value: unknown) => string;
}

const DAY: Intl.DateTimeFormatOptions = { dateStyle: "medium" };
const DIGITS: Intl.DateTimeFormatOptions = { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" };
/** Each says more than the one before; the first that tells all moments apart is taken. */
const MOMENTS: readonly Intl.DateTimeFormatOptions[] = [
  DIGITS,
  { ...DIGITS, second: "2-digit" },
  { ...DIGITS, second: "2-digit", fractionalSecondDigits: 3 },
  { ...DIGITS, second: "2-digit", fractionalSecondDigits: 3, timeZoneName: "short" },
];

const MIDNIGHT = /^(\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]00(?::?00)?)?)?$/;

/** The day that a value is when it is written as one: a midnight without a zone, or in that of UTC. */
const dayOf = (value: unknown): string | null => (typeof value === "string" ? (MIDNIGHT.exec(value)?.[1] ?? null) : null);

const written = (options: Intl.DateTimeFormatOptions) => {
  const format = new Intl.DateTimeFormat(region(), options);
  return (value: unknown): string => {
    const date = asDate(value);
    return date ? format.format(date) : cellText(value);
  };
};

/** Up to here formats are held against all values; longer answers are told to the second. */
const COMPARED = 2000;

function momentLabels(values: readonly unknown[]): (value: unknown) => string {
  if (values.every((value) => dayOf(value) !== null)) {
    const day = written(DAY);
    return (value) => day(dayOf(value) ?? value);
  }
  const distinct = [...new Set(values.map(cellText))].slice(0, COMPARED);
  const telling = MOMENTS.map(written).find((format) => new Set(distinct.map(format)).size === distinct.length);
  return telling ?? cellText;
}

const numbers = new Intl.NumberFormat(region(), { useGrouping: false, maximumFractionDigits: 6 });

/** A number that names something has no separators: a year is 2024, an id 120034. */
const numberLabel = (value: unknown): string => (typeof value === "number" ? numbers.format(value) : cellText(value));

/** What stands for nothing, and for a text without a letter. */
function emptyLabel(value: unknown): string | null {
  if (value === null || value === undefined) return "–";
  return typeof value === "string" && value.trim() === "" ? t`(empty)` : null;
}

/** Reads a column whose values name things. */
export function categoriesOf(rows: readonly Row[], field: string, columns: readonly Column[] = []): Categories {
  const kind = kindOf(columnNamed(columns, field), rows);
  const values = kind === "moment" ? rows.map((row) => row[field]).filter((value) => asDate(value) !== null) : [];
  const label = kind === "moment" ? momentLabels(values) : numberLabel;
  return { kind, keyOf: (value) => keyOf(value, kind), labelOf: (value) => emptyLabel(value) ?? label(value) };
}

/** Rows of one category. */
export interface Group {
  key: string;
  label: string;
  value: unknown;
  rows: Row[];
}

/** The rows by category, in the order in which the categories come. */
export function groupsOf(rows: readonly Row[], field: string, { keyOf: key, labelOf }: Categories): Group[] {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const own = key(row[field]);
    const known = groups.get(own);
    if (known) known.rows.push(row);
    else groups.set(own, { key: own, label: labelOf(row[field]), value: row[field] ?? null, rows: [row] });
  }
  return [...groups.values()];
}

/** Rows that stand for several. */
const merged = new WeakSet<Row>();

/** Whether a row stands for several: what they do not have in common it does not have. */
export const isMerged = (row: Row): boolean => merged.has(row);

/** One row for all of a group: what they all say, and `own` values such as their sum. A row alone stays what it is. */
export function mergeRows(rows: readonly Row[], own: Row): Row {
  const [first, ...others] = rows;
  if (!first) return own;
  if (others.length === 0) return Object.keys(own).every((name) => name in first) ? first : { ...first, ...own };
  const common = Object.entries(first).filter(([name, value]) => others.every((row) => keyOf(row[name], "text") === keyOf(value, "text")));
  const row = { ...Object.fromEntries(common), ...own };
  merged.add(row);
  return row;
}
