// Columns whose values are periods: months as text, and numbers of months, days and years.
import type { Column } from "@/lib/api/model";
import { isMonth } from "@/lib/format/dates/moments";
import { wordsOfName } from "@/lib/format/figures";
import { isNumeric, type Row } from "./cells";

/** The least and the largest number of a period, by the last word of a column's name. */
const RANGES: readonly [names: RegExp, least: number, most: number][] = [
  [/^(year|jahr)$/, 1000, 3000],
  [/^(quarter|quartal)$/, 1, 4],
  [/^(month|monat)$/, 1, 12],
  [/^(week|woche|kw|isoweek|kalenderwoche)$/, 0, 53],
  [/^(weekday|dayofweek|dow|wochentag)$/, 0, 7],
  [/^(day|tag)$/, 0, 366],
  [/^(hour|stunde)$/, 0, 24],
];
/** Words before that make it an amount: "price per month". */
const RATE = /^(per|pro|each|je)$/;

const valuesOf = (rows: readonly Row[], name: string): unknown[] =>
  rows.map((row) => row[name]).filter((value) => value !== null && value !== undefined);

/** Whether a column has numbers of periods, such as months from 1 to 12: they name rows and are not added up. */
export function isPeriodNumber(column: Pick<Column, "name" | "type">, rows: readonly Row[]): boolean {
  const words = wordsOfName(column.name);
  const [last = "", before = ""] = words.toReversed();
  const [, least, most] = RANGES.find(([names]) => names.test(last)) ?? [];
  if (least === undefined || most === undefined || RATE.test(before) || !isNumeric(column, rows))
    return false;
  return valuesOf(rows, column.name)
    .map(Number)
    .every((value) => Number.isInteger(value) && value >= least && value <= most);
}

/** Whether all existing values of a column are months as text, such as `2026-01`. */
export function isMonthText(rows: readonly Row[], name: string): boolean {
  const values = valuesOf(rows, name);
  return values.length > 0 && values.every(isMonth);
}
