import { plural, t } from "@lingui/core/macro";
import { dateFormat } from "../intl";
import { isRealDay } from "./calendar";

/** The first and the last day, as `2026-01-31`. */
export interface DateRange {
  from: string;
  to: string;
}

export const units = ["days", "weeks", "months"] as const;
/** The units of ranges of moments. */
export const timeUnits = ["minutes", "hours", ...units] as const;
export type Unit = (typeof timeUnits)[number];

/** Maximum length of a range, in one of the units. */
export const MOST = 1000;

/** The relative ranges on offer. */
export const presets = [
  "today",
  "last-7-days",
  "last-30-days",
  "last-90-days",
  "this-month",
  "last-month",
  "this-year",
] as const;

/** A day in the reader's time zone, as `2026-01-31`. */
export function dayOf(date: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Returns the present day in a time zone, that of the reader by default, as a date of the reader's calendar. */
export function todayIn(zone: string | undefined, present: Date = new Date()): Date {
  if (zone === undefined) return present;
  // Sweden writes dates as 2026-01-31.
  const [year, month, day] = new Intl.DateTimeFormat("sv-SE", { timeZone: zone })
    .format(present)
    .split("-")
    .map(Number);
  return new Date(year ?? 0, (month ?? 1) - 1, day ?? 1);
}

/** Returns the first and the last of the given number of days up to today. */
export function lastDays(days: number, today: Date): [first: string, last: string] {
  return [dayOf(new Date(today.getFullYear(), today.getMonth(), today.getDate() - days + 1)), dayOf(today)];
}

/** Returns the day after the same day the given number of months ago, or after the last one of that month. */
function monthsBack(count: number, today: Date): Date {
  const [year, month] = [today.getFullYear(), today.getMonth() - count];
  const lastOfMonth = new Date(year, month + 1, 0).getDate();
  return new Date(year, month, Math.min(today.getDate(), lastOfMonth) + 1);
}

/** Parses `last-30-days`; null for any other text. */
export function lastOf(text: string): { count: number; unit: Unit } | null {
  const [, count = "", unit = ""] =
    /^last-([1-9]\d{0,3})-(minutes|hours|days|weeks|months)$/.exec(text) ?? [];
  return count && Number(count) <= MOST ? { count: Number(count), unit: unit as Unit } : null;
}

/** Resolves a relative range of days on a given day; null for any other text. The server knows the same ranges. */
export function daysOf(text: string, today: Date = new Date()): DateRange | null {
  const [year, month] = [today.getFullYear(), today.getMonth()];
  const range = (from: Date, to: Date) => ({ from: dayOf(from), to: dayOf(to) });
  if (text === "today") return range(today, today);
  if (text === "this-month") return range(new Date(year, month, 1), new Date(year, month + 1, 0));
  if (text === "last-month") return range(new Date(year, month - 1, 1), new Date(year, month, 0));
  if (text === "this-year") return range(new Date(year, 0, 1), new Date(year, 11, 31));
  const last = lastOf(text);
  if (!last || last.unit === "minutes" || last.unit === "hours") return null;
  if (last.unit === "months") return range(monthsBack(last.count, today), today);
  const [from, to] = lastDays(last.unit === "weeks" ? last.count * 7 : last.count, today);
  return { from, to };
}

/** Returns two dates in order. */
export function asRange(value: unknown): DateRange | null {
  if (typeof value !== "object" || value === null) return null;
  const { from, to } = value as Partial<DateRange>;
  return typeof from === "string" && typeof to === "string" && isRealDay(from) && isRealDay(to)
    ? { from, to }
    : null;
}

const fixedWords: Record<string, string> = {
  today: t`Today`,
  "this-month": t`This month`,
  "last-month": t`Last month`,
  "this-year": t`This year`,
};

/** Formats a range: "Last 30 days", "1 – 31 Jan 2026". */
export function wordsOfRange(value: unknown): string {
  if (typeof value === "string") {
    const last = lastOf(value);
    if (!last) return fixedWords[value] ?? value;
    if (last.unit === "minutes") return plural(last.count, { one: "Last minute", other: "Last # minutes" });
    if (last.unit === "hours") return plural(last.count, { one: "Last hour", other: "Last # hours" });
    if (last.unit === "days") return plural(last.count, { one: "Last day", other: "Last # days" });
    if (last.unit === "weeks") return plural(last.count, { one: "Last # week", other: "Last # weeks" });
    return plural(last.count, { one: "Past month", other: "Last # months" });
  }
  const range = asRange(value);
  if (!range) return "";
  const written = dateFormat({
    year: "numeric",
    month: "short",
    day: "numeric",
    timeZone: "UTC",
  });
  return written.formatRange(new Date(range.from), new Date(range.to));
}
