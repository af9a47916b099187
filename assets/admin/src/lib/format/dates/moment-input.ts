import { isRealDay } from "./calendar";

const LOCAL = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:\.\d+)?$/;
const DAY = /^\d{4}-\d\d-\d\d$/;

const joined = (day: string, time: string) => [day, time].join("T");
const two = (value: number) => String(value).padStart(2, "0");

/**
 * Returns the value of a `datetime-local` input; null if the text is not a date and time. A moment is converted to the
 * reader's time zone, a date and time without a zone stays as it is.
 */
export function localMoment(text: string, isZoned: boolean): string | null {
  if (!isRealDay(text.slice(0, 10))) return null;
  if (!isZoned) {
    if (DAY.test(text)) return joined(text, "00:00:00");
    const [, day, time, seconds = ":00"] = LOCAL.exec(text) ?? [];
    return day && time ? joined(day, time + seconds) : null;
  }
  const date = new Date(text);
  if (Number.isNaN(date.getTime()) || !/^\d{4}-/.test(text)) return null;
  const day = `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return joined(day, [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":"));
}

/** Returns the value of a `datetime-local` input as databases read it: a moment in UTC. */
export function writtenMoment(input: string, isZoned: boolean): string {
  const whole = input.length === 16 ? `${input}:00` : input;
  const moment = new Date(whole);
  if (Number.isNaN(moment.getTime())) return whole;
  return isZoned ? moment.toISOString() : whole.replace("T", " ");
}
