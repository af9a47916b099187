// Dates and times as people and databases write them. A date that does not exist is none: `Date` makes another one of it.
import { t } from "@lingui/core/macro";
import { dateFormat } from "../intl";

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(\.\d+)?)?(?:\s*([ap])\.?m\.?)?$/i;

/** The first and the last day of inputs for dates: no year is typed with fewer or more than four digits. */
export const dayLimits = { min: "1000-01-01", max: "9999-12-31" };
/** The same for inputs for dates and times. */
export const momentLimits = {
  min: [dayLimits.min, "00:00"].join("T"),
  max: [dayLimits.max, "23:59:59"].join("T"),
};

/** Whether a text such as `2026-02-30` is a day of the calendar. */
export function isRealDay(text: string): boolean {
  const [, year, month, day] = (DAY.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  // Years below 100 are others for `Date`; the calendar repeats after 400 years.
  const last = () => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= last());
}

/** Returns why the day of an entered date cannot be meant; null if it can, or if the text does not start with a day. */
export function problemOfDay(text: string): string | null {
  const [day = ""] = /^\d+-\d{2}-\d{2}(?!\d)/.exec(text) ?? [];
  if (day === "") return null;
  // Nobody means the year 215 or 20260: digits were lost or added.
  if (!/^[1-9]\d{3}-/.test(day)) return t`Enter a year from 1000 to 9999.`;
  return isRealDay(day) ? null : t`There is no such day: ${day}`;
}

const two = (text: string) => text.padStart(2, "0");
const joined = (year: string, month: string, day: string) => `${year}-${two(month)}-${two(day)}`;

/** Returns the months of the reader's language, and the order in which it writes a day. */
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

/** Returns 2026-01-31 for Jan 31, 2026 in the reader's language. */
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

/** Returns 2026-01-31 for that, for 31.1.2026, for Jan 31, 2026 and, where the month comes first, for 1/31/2026. */
function writtenDay(text: string): string | null {
  if (DAY.test(text)) return text;
  const found = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4})$/.exec(text);
  if (!found) return namedDay(text);
  const [, one = "", sign, other = "", year = ""] = found;
  const [day, month] = sign === "/" && readersDates().monthFirst ? [other, one] : [one, other];
  return joined(year, month, day);
}

/** Returns the day that a text means, as 2026-01-31; null if there is no such day. */
export function readDay(text: string): string | null {
  const day = writtenDay(text.trim());
  return day !== null && isRealDay(day) ? day : null;
}

/** Returns a time of the day such as 4:36 PM as 16:36:00; null if it is none. */
export function readClock(text: string): string | null {
  const found = CLOCK.exec(text.trim());
  if (!found) return null;
  const [, hour = "", minute = "", second = "00", fraction = "", half] = found;
  if (half && (Number(hour) < 1 || Number(hour) > 12)) return null;
  const whole = half ? (Number(hour) % 12) + (half.toLowerCase() === "p" ? 12 : 0) : Number(hour);
  return `${two(String(whole))}:${minute}:${second}${fraction}`;
}

/** Returns the day and the time of the day that a text means, midnight if it has none; null if they do not exist. */
export function readDayAndTime(text: string): { day: string; time: string } | null {
  const found = /^(.*?)(?:(?:,?\s+|T)(\d{1,2}:\S+(?:\s*[ap]\.?m\.?)?))?$/iu.exec(text.trim());
  const day = readDay(found?.[1] ?? "");
  const time = found?.[2] === undefined ? "00:00:00" : readClock(found[2]);
  return day === null || time === null ? null : { day, time };
}

/** A date with a time and perhaps a zone, as databases write it. */
const MOMENT =
  /^(\d{4}-\d{2}-\d{2})[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?\s?(?:Z|[+-]\d{2}(?::?\d{2})?)?$/;

/** Whether a text is a date, or a date and time, that exists. */
export const isRealMoment = (text: string): boolean => isRealDay(MOMENT.exec(text)?.[1] ?? text);

/** A time, or a duration of up to some hundred hours, as databases write it. */
const TIME = /^-?\d{1,3}:[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?$/;

/** Whether a text is a time: MySQL's are durations too, of up to 838 hours. */
export const isClock = (text: string): boolean => TIME.test(text);
