import { t } from "@lingui/core/macro";
import { dateFormat } from "../intl";
import { isRealDay } from "./calendar";

// Times on axes are wall times: the date and time that a clock in the chart's time zone shows, written as if they were
// UTC, in ms. Days and months then have the same length everywhere, and a day is the same day for every reader.

/** What distinguishes neighbors on an axis. */
const momentUnits = ["year", "quarter", "month", "week", "day", "hour", "minute", "second", "ms"] as const;
export type MomentUnit = (typeof momentUnits)[number];

const TEXT =
  /^(\d{4})-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?)?$/;
const UTC = /^(Z|[+-]00(:?00)?)$/;

const HOUR = 3_600_000;
const QUARTER = HOUR / 4;
const DAY_MS = 24 * HOUR;

interface Zone {
  parts: Intl.DateTimeFormat;
  /** Offsets at the starts of quarters of an hour. */
  quarters: Map<number, number>;
  /** The offset of each day, in UTC; null if it changes on that day. */
  days: Map<number, number | null>;
}

const zones = new Map<string, Zone>();

function zoneNamed(name: string): Zone {
  const known = zones.get(name);
  if (known) return known;
  const two = "2-digit";
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: name,
    hourCycle: "h23",
    year: "numeric",
    month: two,
    day: two,
    hour: two,
    minute: two,
    second: two,
  });
  const zone = { parts, quarters: new Map(), days: new Map() };
  zones.set(name, zone);
  return zone;
}

/** Zones change their offset at full quarters of an hour. */
function offsetOfQuarter({ parts, quarters }: Zone, quarter: number): number {
  const known = quarters.get(quarter);
  if (known !== undefined) return known;
  const start = quarter * QUARTER;
  const found = parts.formatToParts(start);
  const of = (type: string) => Number(found.find((part) => part.type === type)?.value ?? 0);
  const wall = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
  quarters.set(quarter, wall - start);
  return wall - start;
}

/** Returns how many ms a clock in a time zone is ahead of UTC. */
function offsetAt(ms: number, name: string | undefined): number {
  if (name === undefined) return -new Date(ms).getTimezoneOffset() * 60_000;
  const zone = zoneNamed(name);
  const day = Math.floor(ms / DAY_MS);
  let offset = zone.days.get(day);
  if (offset === undefined) {
    const [first, last] = [day, day + 1].map((at) => offsetOfQuarter(zone, (at * DAY_MS) / QUARTER));
    offset = first === last && first !== undefined ? first : null;
    zone.days.set(day, offset);
  }
  return offset ?? offsetOfQuarter(zone, Math.floor(ms / QUARTER));
}

/** Returns what a clock in a time zone shows at a moment, in ms. */
export const wallAt = (ms: number, zone?: string): number => ms + offsetAt(ms, zone);

/** Returns the moment at which a clock in a time zone shows a wall time, in ms. */
export function instantOf(wall: number, zone?: string): number {
  const guess = wall - offsetAt(wall, zone);
  return wall - offsetAt(guess, zone);
}

/** Whether the runtime knows a time zone. */
export function isZone(zone: string | null | undefined): zone is string {
  if (!zone) return false;
  try {
    return dateFormat({ timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}

/** Whether a value is a day or a month: midnight without a time zone or in UTC counts as one. */
export function isDay(value: unknown): boolean {
  const [, , , , hour, minute, second, fraction, zone] =
    (typeof value === "string" && TEXT.exec(value)) || [];
  if (typeof value !== "string" || !TEXT.test(value)) return false;
  const midnight = [hour, minute, second, fraction].every((part) => !Number(part ?? 0));
  return midnight && (zone === undefined || UTC.test(zone));
}

/** Whether a value is a month as text, such as `2026-01`. */
export const isMonth = (value: unknown): boolean =>
  typeof value === "string" && /^\d{4}-(0[1-9]|1[0-2])$/.test(value);

/**
 * Returns the wall time of a text such as `2026-01-31`, `2026-01` or a time stamp; null for anything else. With `asDay`,
 * midnight in UTC is that day.
 */
export function wallOf(value: unknown, zone?: string, asDay = false): number | null {
  if (typeof value !== "string") return null;
  const parts = TEXT.exec(value);
  if (!parts) return null;
  const [, year, month, day = "1", hour = "0", minute = "0", second = "0", fraction = "", offset] = parts;
  if (offset === undefined || asDay) {
    const wall = Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
      Math.floor(Number(`0.${fraction || "0"}`) * 1000),
    );
    const date = new Date(wall);
    // The 31st of February is not a day.
    return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day) ? wall : null;
  }
  const ms = isRealDay(value.slice(0, 10)) ? Date.parse(value) : NaN;
  return Number.isNaN(ms) ? null : ms + offsetAt(ms, zone);
}

/** Returns the coarsest unit that distinguishes the wall times. */
export function unitOf(walls: readonly number[]): MomentUnit {
  let finest = 0;
  for (const wall of walls) {
    const date = new Date(wall);
    const unit =
      wall % 1000 !== 0
        ? "ms"
        : date.getUTCSeconds() !== 0
          ? "second"
          : date.getUTCMinutes() !== 0 || date.getUTCHours() !== 0
            ? "minute"
            : date.getUTCDate() !== 1
              ? "day"
              : date.getUTCMonth() !== 0
                ? "month"
                : "year";
    finest = Math.max(finest, momentUnits.indexOf(unit));
  }
  return momentUnits[finest] ?? "day";
}

/** Returns the unit of the ticks of a time axis from its first to its last wall time, all of them months if `monthly`. */
export function tickUnitOf(from: number, to: number, monthly = false): MomentUnit {
  const days = (to - from) / (24 * HOUR);
  if (days > 365 * 6) return "year";
  if (days > 180 || monthly) return "month";
  return days > 3 ? "day" : "minute";
}

const DAY = { day: "numeric", month: "short" } as const;
const TIME = { hour: "2-digit", minute: "2-digit" } as const;

/**
 * Returns the labels of wall times on an axis: the same rule for all charts. The year is left out where all are in the
 * same one, and the day where all are on the same one.
 */
export function momentLabels(unit: MomentUnit, walls: readonly number[]): (wall: number) => string {
  const same = (length: number) =>
    new Set(walls.map((wall) => new Date(wall).toISOString().slice(0, length))).size <= 1;
  const year = same(4) ? {} : ({ year: "numeric" } as const);
  const written = (options: Intl.DateTimeFormatOptions) => {
    const format = dateFormat({ ...options, timeZone: "UTC" });
    return (wall: number) => format.format(wall);
  };
  switch (unit) {
    case "year":
      return written({ year: "numeric" });
    case "quarter":
      return (wall) => quarterText(wall);
    case "month":
      return written({ month: "short", year: "numeric" });
    case "week":
    case "day":
      return written({ ...DAY, ...year });
    default: {
      const exact =
        unit === "ms"
          ? { second: "2-digit", fractionalSecondDigits: 3 }
          : unit === "second"
            ? { second: "2-digit" }
            : {};
      return written({
        ...(same(10) ? {} : { ...DAY, ...year }),
        ...TIME,
        ...exact,
      } as Intl.DateTimeFormatOptions);
    }
  }
}

function quarterText(wall: number): string {
  const date = new Date(wall);
  const [quarter, year] = [Math.floor(date.getUTCMonth() / 3) + 1, date.getUTCFullYear()];
  return t`Q${quarter} ${year}`;
}

/** Returns a period in full, for tooltips. */
export function periodText(unit: MomentUnit, wall: number): string {
  if (unit === "quarter") return quarterText(wall);
  if (unit === "year" || unit === "month") return momentLabels(unit, [wall])(wall);
  const day = dateFormat({ dateStyle: "medium", timeZone: "UTC" }).format(wall);
  if (unit === "week") return t`Week from ${day}`;
  if (unit === "day") return day;
  return dateFormat({
    dateStyle: "medium",
    timeStyle: unit === "hour" || unit === "minute" ? "short" : "medium",
    timeZone: "UTC",
  }).format(wall);
}
