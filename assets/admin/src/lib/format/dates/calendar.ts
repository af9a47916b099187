// Dates and times as people and databases write them. Dates that do not exist are rejected: `Date` would turn February
// 30 into March 2.
import { t } from "@lingui/core/macro";
import { dateFormat } from "../intl";

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(\.\d+)?)?(?:\s*([ap])\.?m\.?)?$/i;

/** The earliest and the latest day in inputs for dates: years have four digits. */
export const dayLimits = { min: "1000-01-01", max: "9999-12-31" };
/** The same for inputs for dates and times. */
export const momentLimits = {
  min: [dayLimits.min, "00:00"].join("T"),
  max: [dayLimits.max, "23:59:59"].join("T"),
};

/** Whether a text such as `2026-01-31` is a day that exists. */
export function isRealDay(text: string): boolean {
  const [, year, month, day] = (DAY.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  // `Date` takes years below 100 for those of the 20th century. The calendar repeats after 400 years.
  const last = () => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= last());
}

/**
 * Returns what is wrong with the day of an entered date; null if nothing is, or if the text does not start with a day.
 */
export function problemOfDay(text: string): string | null {
  const [day = ""] = /^\d+-\d{2}-\d{2}(?!\d)/.exec(text) ?? [];
  if (day === "") return null;
  // Nobody means the year 215 or 20260: digits were lost or added.
  if (!/^[1-9]\d{3}-/.test(day)) return t`Enter a year from 1000 to 9999.`;
  return isRealDay(day) ? null : t`There is no such day: ${day}`;
}

const two = (text: string) => text.padStart(2, "0");
const joined = (year: string, month: string, day: string) => `${year}-${two(month)}-${two(day)}`;

/** Returns the names of the months in the reader's language, and whether dates start with the month. */
function readersDates() {
  const order = dateFormat({ year: "numeric", month: "numeric", day: "numeric" })
    .formatToParts(new Date(2000, 10, 25))
    .map(({ type }) => type);
  const words = (month: "short" | "long") => {
    const format = dateFormat({ day: "numeric", month, timeZone: "UTC" });
    return Array.from({ length: 12 }, (_, index) => {
      const parts = format.formatToParts(Date.UTC(2000, index, 1));
      return plainWord(parts.find(({ type }) => type === "month")?.value ?? "");
    });
  };
  return {
    monthFirst: order.indexOf("month") < order.indexOf("day"),
    short: words("short"),
    long: words("long"),
  };
}

const plainWord = (text: string) => text.toLowerCase().replace(/[.,]/g, "");

/** Converts a day with the name of its month, such as Jan 31, 2026 in English, to 2026-01-31. */
function namedDay(text: string): string | null {
  const parts = text
    .split(/[\s,]+|(?<=\d)\.(?=\s|\p{L}|$)/u)
    .filter(Boolean)
    .map(plainWord);
  if (parts.length !== 3) return null;
  const year = parts.find((part) => /^\d{4}$/.test(part));
  const day = parts.find((part) => /^\d{1,2}$/.test(part));
  const word = parts.find((part) => /^\p{L}+$/u.test(part));
  if (!year || !day || !word) return null;
  const { short, long } = readersDates();
  const month = [short, long].map((names) => names.indexOf(word)).find((index) => index >= 0);
  return month === undefined ? null : joined(year, String(month + 1), day);
}

/** Converts a written day to 2026-01-31: 31.1.2026, Jan 31, 2026 and, where the month comes first, 1/31/2026. */
function writtenDay(text: string): string | null {
  if (DAY.test(text)) return text;
  const found = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4})$/.exec(text);
  if (!found) return namedDay(text);
  const [, one = "", sign, other = "", year = ""] = found;
  const [day, month] = sign === "/" && readersDates().monthFirst ? [other, one] : [one, other];
  return joined(year, month, day);
}

/** Parses a day in any usual notation, to 2026-01-31; null for any other text, or if the day does not exist. */
export function readDay(text: string): string | null {
  const day = writtenDay(text.trim());
  return day !== null && isRealDay(day) ? day : null;
}

/** Parses a time of day: 4:36 PM is 16:36:00. Null for any other text. */
export function readClock(text: string): string | null {
  const found = CLOCK.exec(text.trim());
  if (!found) return null;
  const [, hour = "", minute = "", second = "00", fraction = "", half] = found;
  if (half && (Number(hour) < 1 || Number(hour) > 12)) return null;
  const whole = half ? (Number(hour) % 12) + (half.toLowerCase() === "p" ? 12 : 0) : Number(hour);
  return `${two(String(whole))}:${minute}:${second}${fraction}`;
}

/** Parses a day with an optional time of day, which is midnight by default; null if one of them does not exist. */
export function readDayAndTime(text: string): { day: string; time: string } | null {
  const found = /^(.*?)(?:(?:,?\s+|T)(\d{1,2}:\S+(?:\s*[ap]\.?m\.?)?))?$/iu.exec(text.trim());
  const day = readDay(found?.[1] ?? "");
  const time = found?.[2] === undefined ? "00:00:00" : readClock(found[2]);
  return day === null || time === null ? null : { day, time };
}

/** A date with a time and perhaps a zone, as databases write it. */
const MOMENT =
  /^(\d{4}-\d{2}-\d{2})[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?\s?(?:Z|[+-]\d{2}(?::?\d{2})?)?$/;

/** Whether a text is an existing date, or date and time. */
export const isRealMoment = (text: string): boolean => isRealDay(MOMENT.exec(text)?.[1] ?? text);

/** A time, or a duration of up to some hundred hours, as databases write it. */
const TIME = /^-?\d{1,3}:[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?$/;

/** Whether a text is a time. Times of MySQL may also be durations of up to 838 hours. */
export const isClock = (text: string): boolean => TIME.test(text);
