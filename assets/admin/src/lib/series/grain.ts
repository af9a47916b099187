import { isDay, wallOf } from "@/lib/format/dates/moments";

/** The periods into which times are grouped. */
export const grains = ["hour", "day", "week", "month", "quarter", "year"] as const;
export type Grain = (typeof grains)[number];

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Returns the start of the period of a wall time. Weeks start on Monday. */
export function startOf(wall: number, grain: Grain): number {
  if (grain === "hour") return Math.floor(wall / HOUR) * HOUR;
  const day = Math.floor(wall / DAY) * DAY;
  if (grain === "day") return day;
  // 1 January 1970 was a Thursday.
  if (grain === "week") return day - ((((Math.floor(day / DAY) + 3) % 7) + 7) % 7) * DAY;
  const date = new Date(wall);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (grain === "month") return Date.UTC(year, month, 1);
  return grain === "quarter" ? Date.UTC(year, month - (month % 3), 1) : Date.UTC(year, 0, 1);
}

/** Returns the start of the period after the one that starts at a wall time. */
export function nextStart(start: number, grain: Grain): number {
  if (grain === "hour") return start + HOUR;
  if (grain === "day") return start + DAY;
  if (grain === "week") return start + 7 * DAY;
  const date = new Date(start);
  const months = { month: 1, quarter: 3, year: 12 }[grain];
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
}

/** Returns the finest grain that the values have themselves: dates of a month each are not grouped by week. */
export function ownGrain(walls: readonly number[]): Grain {
  const all = (test: (date: Date) => boolean) => walls.every((wall) => test(new Date(wall)));
  if (!all((date) => date.getTime() % DAY === 0)) return "hour";
  if (all((date) => date.getUTCDate() === 1)) {
    if (all((date) => date.getUTCMonth() === 0)) return "year";
    return all((date) => date.getUTCMonth() % 3 === 0) ? "quarter" : "month";
  }
  return all((date) => date.getUTCDay() === 1) ? "week" : "day";
}

/** Returns the finest grain with a readable number of periods. */
export function autoGrain(walls: readonly number[]): Grain {
  if (walls.length === 0) return "day";
  let [from, to] = [Infinity, -Infinity];
  for (const wall of walls) {
    if (wall < from) from = wall;
    if (wall > to) to = wall;
  }
  const days = (to - from) / DAY;
  const readable: Grain =
    days <= 3
      ? "hour"
      : days <= 62
        ? "day"
        : days <= 400
          ? "week"
          : days <= 365 * 6
            ? "month"
            : days <= 365 * 12
              ? "quarter"
              : "year";
  const own = ownGrain(walls);
  return grains.indexOf(own) > grains.indexOf(readable) ? own : readable;
}

/** The wall times of a column's values; null where one is not a time. */
export function wallsOf(values: readonly unknown[], zone: string | undefined): (number | null)[] {
  const asDay = values.every((value) => value === null || value === undefined || isDay(value));
  return values.map((value) => wallOf(value, zone, asDay));
}
