import { dateFormat } from "../intl";
import { isRealDay } from "./calendar";
import { now } from "./clock";
import { asRange, daysOf, lastOf, todayIn, wordsOfRange, type DateRange } from "./date-ranges";
import { instantOf, wallAt, wallOf } from "./moments";

/** The ranges of moments on offer. */
export const timePresets = [
  "last-5-minutes",
  "last-15-minutes",
  "last-30-minutes",
  "last-1-hours",
  "last-3-hours",
  "last-6-hours",
  "last-12-hours",
  "last-24-hours",
  "today",
  "last-7-days",
  "last-30-days",
  "this-month",
] as const;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A day, a local time, or a time with its offset. */
const MOMENT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;
const OFFSET = /(?:Z|[+-]\d{2}:\d{2})$/;

/** Returns two moments, as they are written. */
export function asMoments(value: unknown): DateRange | null {
  if (typeof value !== "object" || value === null) return null;
  const { from, to } = value as Partial<DateRange>;
  const isMoment = (text: unknown): text is string =>
    typeof text === "string" && MOMENT.test(text) && isRealDay(text.slice(0, 10));
  return isMoment(from) && isMoment(to) ? { from, to } : null;
}

/** Whether a text is a relative range of moments or days. */
export const isRelative = (text: string): boolean => lastOf(text) !== null || daysOf(text) !== null;

/** Returns the first or the last moment of a text, in ms; null for any other text. */
function msOf(text: string, isEnd: boolean, zone: string | undefined): number | null {
  if (OFFSET.test(text)) return Number.isNaN(Date.parse(text)) ? null : Date.parse(text);
  const wall = wallOf(text);
  if (wall === null) return null;
  return isEnd && !text.includes("T") ? instantOf(wall + DAY, zone) - 1 : instantOf(wall, zone);
}

const written = (from: number, to: number): DateRange => ({
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
});

/**
 * Resolves a range to two moments in UTC; null for anything else. Minutes and hours end with the present minute, as they
 * do for the server.
 */
export function momentsOf(value: unknown, zone?: string, present = now()): DateRange | null {
  const last = typeof value === "string" ? lastOf(value) : null;
  if (last?.unit === "minutes" || last?.unit === "hours") {
    const end = (Math.floor(present / MINUTE) + 1) * MINUTE;
    return written(end - last.count * (last.unit === "hours" ? 60 : 1) * MINUTE, end);
  }
  const ends = typeof value === "string" ? daysOf(value, todayIn(zone, new Date(present))) : asMoments(value);
  const [from, to] = [ends && msOf(ends.from, false, zone), ends && msOf(ends.to, true, zone)];
  return from === null || to === null ? null : written(from, to);
}

/** Formats a range of moments: "Last 15 minutes", "1 Jan 2026, 08:00 – 12:00". */
export function wordsOfMoments(value: unknown, zone?: string): string {
  if (typeof value === "string" || asRange(value)) return wordsOfRange(value);
  const ends = momentsOf(value, zone);
  if (!ends) return "";
  return dateFormat({
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    ...(zone === undefined ? {} : { timeZone: zone }),
  }).formatRange(new Date(ends.from), new Date(ends.to));
}

/** Returns a moment as the value of a `datetime-local` input, in a time zone. */
export const inputOf = (moment: string, zone?: string): string =>
  new Date(wallAt(Date.parse(moment), zone)).toISOString().slice(0, 16);

/** Returns the moment of a `datetime-local` input in a time zone; null if it is empty. */
export function momentOfInput(input: string, zone?: string): string | null {
  const wall = wallOf(input);
  return wall === null ? null : new Date(instantOf(wall, zone)).toISOString();
}
