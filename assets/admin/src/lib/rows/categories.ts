import { t } from "@lingui/core/macro";
import type { Column } from "@/lib/api/model";
import { asDate } from "@/lib/format/figures";
import { periodText, wallOf } from "@/lib/format/dates/moments";
import { dateFormat, numberFormat } from "@/lib/format/intl";
import { isMonthText } from "./periods";
import { cellText, columnNamed, keyOf, kindOf, type ColumnKind, type Row } from "./cells";

/**
 * How the values of a column are distinguished and labeled where they are categories: on an axis, in a legend, in a
 * list.
 */
export interface Categories {
  kind: ColumnKind;
  keyOf: (value: unknown) => string;
  labelOf: (value: unknown) => string;
}

const DAY: Intl.DateTimeFormatOptions = { dateStyle: "medium" };
const DIGITS: Intl.DateTimeFormatOptions = {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
};
/** Date formats of increasing precision; the first that distinguishes all values is used. */
const MOMENTS: readonly Intl.DateTimeFormatOptions[] = [
  DIGITS,
  { ...DIGITS, second: "2-digit" },
  { ...DIGITS, second: "2-digit", fractionalSecondDigits: 3 },
  { ...DIGITS, second: "2-digit", fractionalSecondDigits: 3, timeZoneName: "short" },
];

const MIDNIGHT = /^(\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]00(?::?00)?)?)?$/;

/** Returns the day of a value that represents one: midnight without a time zone or in UTC. */
const dayOf = (value: unknown): string | null =>
  typeof value === "string" ? (MIDNIGHT.exec(value)?.[1] ?? null) : null;

const written = (options: Intl.DateTimeFormatOptions) => {
  const format = dateFormat(options);
  return (value: unknown): string => {
    const date = asDate(value);
    return date ? format.format(date) : cellText(value);
  };
};

/** Up to this number of rows, formats are checked against all values; longer results are shown to the second. */
const COMPARED = 2000;

function momentLabels(values: readonly unknown[]): (value: unknown) => string {
  if (values.every((value) => dayOf(value) !== null)) {
    const day = written(DAY);
    return (value) => day(dayOf(value) ?? value);
  }
  const distinct = [...new Set(values.map(cellText))].slice(0, COMPARED);
  const telling = MOMENTS.map(written).find(
    (format) => new Set(distinct.map(format)).size === distinct.length,
  );
  return telling ?? cellText;
}

const numbers = numberFormat({ useGrouping: false, maximumFractionDigits: 6 });

/** Numbers that identify something have no separators: a year is 2024, an id 120034. */
const numberLabel = (value: unknown): string =>
  typeof value === "number" ? numbers.format(value) : cellText(value);

const monthLabel = (value: unknown): string => periodText("month", wallOf(value) ?? 0);

/** The labels of null and of a text without visible characters. */
function emptyLabel(value: unknown): string | null {
  if (value === null || value === undefined) return "–";
  return typeof value === "string" && value.trim() === "" ? t`(empty)` : null;
}

/** Analyzes a column whose values are categories. */
export function categoriesOf(
  rows: readonly Row[],
  field: string,
  columns: readonly Column[] = [],
): Categories {
  const kind = kindOf(columnNamed(columns, field), rows);
  const values =
    kind === "moment" ? rows.map((row) => row[field]).filter((value) => asDate(value) !== null) : [];
  const label =
    kind === "moment" ? momentLabels(values) : isMonthText(rows, field) ? monthLabel : numberLabel;
  return {
    kind,
    keyOf: (value) => keyOf(value, kind),
    labelOf: (value) => emptyLabel(value) ?? label(value),
  };
}

/** Rows of one category. */
export interface Group {
  key: string;
  label: string;
  value: unknown;
  rows: Row[];
}

/** Groups rows by category, in the order in which the categories first occur. */
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

/** Marks rows that represent several. */
const merged = new WeakSet<Row>();

/** Whether a row represents several: it has only the values that they have in common. */
export const isMerged = (row: Row): boolean => merged.has(row);

/**
 * Merges a group into one row: the values that all share, and `own` values such as their sum. A single row stays as it
 * is.
 */
export function mergeRows(rows: readonly Row[], own: Row): Row {
  const [first, ...others] = rows;
  if (!first) return own;
  if (others.length === 0)
    return Object.keys(own).every((name) => name in first) ? first : { ...first, ...own };
  const common = Object.entries(first).filter(([name, value]) =>
    others.every((row) => row[name] === value || keyOf(row[name], "text") === keyOf(value, "text")),
  );
  const row = { ...Object.fromEntries(common), ...own };
  merged.add(row);
  return row;
}
