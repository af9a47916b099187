import { plural, t } from "@lingui/core/macro";
import { now } from "./dates/clock";
import { dateFormat, numberFormat } from "./intl";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Formats an absolute time with its zone, in the reader's language and time zone. */
export function formatTime(time: string | Date, timeZone?: string): string {
  const date = typeof time === "string" ? new Date(time) : time;
  if (Number.isNaN(date.getTime())) return String(time);
  return dateFormat({
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
    timeZone,
  }).format(date);
}

/** Formats a relative time: "just now", "5 min ago", "in 2 h"; a date if it is over a month away. */
export function formatRelative(time: string | Date, present: number = now()): string {
  const date = typeof time === "string" ? new Date(time) : time;
  const difference = date.getTime() - present;
  const distance = Math.abs(difference);
  if (Number.isNaN(distance)) return String(time);
  if (distance < 5_000) return t`just now`;
  if (distance > 30 * DAY) return dateFormat({ dateStyle: "medium" }).format(date);
  const days = Math.round(distance / DAY);
  if (distance >= DAY)
    return difference < 0
      ? plural(days, { one: "# day ago", other: "# days ago" })
      : plural(days, { one: "in # day", other: "in # days" });
  const text =
    distance < MINUTE
      ? `${Math.round(distance / 1000)} s`
      : distance < HOUR
        ? `${Math.round(distance / MINUTE)} min`
        : `${Math.round(distance / HOUR)} h`;
  return difference < 0 ? t`${text} ago` : t`in ${text}`;
}

const rounded = (value: number, digits: number): string =>
  numberFormat({ maximumFractionDigits: digits, useGrouping: false }).format(Number(value.toFixed(digits)));

/** Formats a duration in the most readable unit: "0.4 ms", "41 ms", "1.25 s", "3 min 5 s", "2 h 10 min". */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return "–";
  if (ms < 1) return `${rounded(ms, 2)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${rounded(ms / 1000, ms < 10_000 ? 2 : 1)} s`;
  const [big, small, bigUnit, smallUnit] =
    ms < HOUR
      ? ([MINUTE, 1000, "min", "s"] as const)
      : ms < DAY
        ? ([HOUR, MINUTE, "h", "min"] as const)
        : ([DAY, HOUR, t`d`, "h"] as const);
  const whole = Math.floor(ms / big);
  const rest = Math.floor((ms % big) / small);
  return rest ? `${whole} ${bigUnit} ${rest} ${smallUnit}` : `${whole} ${bigUnit}`;
}

export const formatNumber = (value: number): string => numberFormat({}).format(value);

/** Returns what separates thousands and decimals in the reader's language, for inputs. */
export function numberSeparators(): { thousandSeparator: string; decimalSeparator: string } {
  const parts = numberFormat({}).formatToParts(1_234_567.8);
  const found = (type: "group" | "decimal") => parts.find((part) => part.type === type)?.value;
  return { thousandSeparator: found("group") ?? "", decimalSeparator: found("decimal") ?? "." };
}

/** Formats a count with its noun: "1 query", "3 queries". */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

/** Formats a size in data, such as 1.5 MB for 1 500 000 bytes. */
export function formatBytes(bytes: number): string {
  return inUnits(bytes, 1000, ["B", "kB", "MB", "GB", "TB"]);
}

/** Formats the size of what the server stores in the units of its limits and errors, such as 512 MiB. */
export function formatStorage(bytes: number): string {
  return inUnits(bytes, 1024, ["B", ...[..."KMGT"].map((letter) => `${letter}iB`)]);
}

function inUnits(bytes: number, step: number, units: readonly string[]): string {
  let [size, power] = [bytes, 0];
  while (size >= step && power < units.length - 1) [size, power] = [size / step, power + 1];
  return `${rounded(size, power ? 1 : 0)} ${units[power]}`;
}

/** Returns up to two initials for an avatar. */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/[\s@._-]+/u)
    .filter(Boolean);
  return words
    .slice(0, 2)
    .map((word) => [...word][0]?.toUpperCase() ?? "")
    .join("");
}
