// Ticks of time axes: all at the same distance, which those of ECharts are not at the turn of a month.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday: weeks start there. */
const MONDAY = 4 * DAY;

/** The distances between ticks in ms, and in months, from the shortest on. */
const SHORT = [
  ...[1, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14].map((count) => count * DAY),
];
const MONTHS = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200];

function every(distance: number, from: number, to: number): number[] {
  const start = Math.ceil((from - MONDAY) / distance) * distance + MONDAY;
  const count = Math.floor((to - start) / distance) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => start + index * distance);
}

function everyMonths(distance: number, from: number, to: number): number[] {
  const first = new Date(from);
  const month = first.getUTCFullYear() * 12 + first.getUTCMonth();
  const ticks: number[] = [];
  for (let at = Math.floor(month / distance) * distance; ; at += distance) {
    const wall = Date.UTC(Math.floor(at / 12), at % 12, 1);
    if (wall > to) return ticks;
    if (wall >= from) ticks.push(wall);
  }
}

/**
 * Returns the ticks between two wall times: at most `most`, at starts of months, weeks, days, hours or minutes; none
 * for less than a few minutes. With `monthly`, only at starts of months.
 */
export function timeTicks(from: number, to: number, most: number, monthly = false): number[] {
  if (!Number.isFinite(to - from) || to - from < 2 * MINUTE) return [];
  const short = monthly ? undefined : SHORT.find((distance) => (to - from) / distance < most);
  if (short !== undefined) return every(short, from, to);
  const months = MONTHS.find((distance) => (to - from) / (distance * 30.4 * DAY) < most) ?? 12_000;
  return everyMonths(months, from, to);
}
