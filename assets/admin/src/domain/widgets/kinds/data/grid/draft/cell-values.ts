import { t } from "@lingui/core/macro";
import {
  isClock,
  isRealDay,
  isRealMoment,
  problemOfDay,
  readClock,
  readDay,
  readDayAndTime,
} from "@/lib/format/dates/calendar";
import { canonical, isNumber } from "@/lib/format/decimals";
import { parseJson } from "@/lib/format/exact-json";
import { asDate } from "@/lib/format/figures";
import { numberProblem, printNumber, readNumber } from "@/lib/format/typed-number";
import type { GridField } from "./grid-fields";
import { isRefused } from "./references";

type Typed = Pick<GridField, "entry" | "choices" | "sample" | "type"> &
  Partial<Pick<GridField, "required" | "emptyText" | "references" | "format">>;

const isNothing = (value: unknown): value is null | undefined => value === null || value === undefined;

/** A time with a zone: a moment, shown and entered in the reader's time zone. */
const ZONED = /[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)$/;

const two = (value: number, digits = 2) => String(value).padStart(digits, "0");

/** Returns a moment in local time: 2026-01-31 10:11:12. */
function localText(date: Date): string {
  const day = `${two(date.getFullYear(), 4)}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const rest = date.getMilliseconds() ? `.${two(date.getMilliseconds(), 3)}` : "";
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => two(part)).join(":");
  return `${day} ${clock}${rest}`;
}

/** Whether a value is a moment that local time represents exactly. */
function isMoment(value: unknown): value is string {
  return (
    typeof value === "string" && ZONED.test(value) && asDate(value) !== null && !/\.\d{3}\d*[1-9]/.test(value)
  );
}

/** Returns the text that stands for a value in a cell and in its editor. Empty for null. */
export function printValue({ entry, references }: Typed, value: unknown): string {
  if (isNothing(value)) return "";
  if (isRefused(value)) return value.refused;
  if (references) return references.labelOf(value) ?? String(value);
  if (entry === "datetime" && isMoment(value)) return localText(new Date(value));
  if (entry === "number" && isNumber(value)) return printNumber(String(value));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Returns the text for the browser's own date and time inputs; empty if they cannot show the value. */
export function inputText(field: Typed, value: unknown): string {
  const text = printValue(field, value);
  if (field.entry === "datetime") {
    const found = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?)$/.exec(text);
    return found ? `${found[1] ?? ""}T${found[2] ?? ""}` : "";
  }
  if (field.entry === "date") return isRealDay(text) ? text : "";
  return /^\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?$/.test(text) ? text : "";
}

const TRUE = /^(true|yes|y|1|x|✓|ja|wahr)$/i;
const FALSE = /^(false|no|n|0|nein|falsch)$/i;

/** Whether a value of a checkbox is ticked. */
export const isTicked = (value: unknown): boolean =>
  value === true || (typeof value !== "object" && TRUE.test(String(value)));

/** Writes a moment like another one: with a space, and with milliseconds if it has some. */
function writtenLike(moment: string, form: string | null): string {
  const text = form !== null && /\.\d{3}Z$/.test(form) ? moment : moment.replace(/\.000Z$/, "Z");
  return form !== null && /^\S+ \S+Z$/.test(form) ? text.replace("T", " ") : text;
}

/** Returns a local time in the form of the column's other values: with a zone, or with a space. */
function momentIn(text: string, { sample, type }: Typed, before: unknown): string | null {
  const form = typeof before === "string" ? before : typeof sample === "string" ? sample : null;
  if (ZONED.test(text)) return text;
  const found = readDayAndTime(text);
  if (!found) return null;
  const { day, time } = found;
  const seconds =
    form === null || /:\d{2}:\d{2}/.test(form) || !time.endsWith(":00") ? time : time.slice(0, 5);
  const zoned = form === null ? /tz|with time zone|^timestamp$/i.test(type) : ZONED.test(form);
  if (zoned && !/\.\d{4,}$/.test(time)) {
    const moment = new Date(`${day}T${time}`);
    return Number.isNaN(moment.getTime()) ? null : writtenLike(moment.toISOString(), form);
  }
  return `${day}${form?.includes(" ") ? " " : "T"}${seconds}`;
}

/**
 * Returns the value that an entered or pasted text means. A cleared text is null, unless the column or the cell has
 * empty texts. A text that is not a value of the column stays unchanged: `problemOf` says why it cannot be saved.
 */
export function readValue(field: Typed, text: string, before: unknown = null): unknown {
  const { entry, choices, emptyText } = field;
  if (choices.length) return text === "" ? null : text;
  if (entry === "text" || entry === "longText")
    return text !== "" || before === "" || emptyText ? text : null;
  const plain = text.trim();
  if (plain === "") return null;
  // What was not changed keeps its exact value.
  if (!isNothing(before) && isPrinted(field, text, before)) return before;
  if (entry === "number") return readNumber(plain) ?? plain;
  if (entry === "checkbox") return TRUE.test(plain) ? true : FALSE.test(plain) ? false : plain;
  if (entry === "date") return readDay(plain) ?? plain;
  if (entry === "datetime") return momentIn(plain, field, before) ?? plain;
  if (entry === "time" && /m\.?$/i.test(plain)) return readClock(plain) ?? plain;
  return plain;
}

/** Whether a text is the value as its editor writes it, or a date as its cell shows it. */
const isPrinted = (field: Typed, text: string, value: unknown): boolean =>
  text === printValue(field, value) ||
  ((field.entry === "date" || field.entry === "datetime") &&
    field.format?.isDeclared === true &&
    text.trim() === field.format.text(value));

function isJson(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch {
    return false;
  }
}

/** Returns why a value cannot be saved in a column; null if it can. */
export function problemOf({ entry, choices, required }: Typed, value: unknown): string | null {
  if (required && (isNothing(value) || value === "")) return t`Enter a value: this column must not be empty.`;
  if (isNothing(value)) return null;
  if (isRefused(value)) return value.why;
  const text = String(value);
  if (choices.length) return choices.includes(text) ? null : t`Select one of: ${choices.join(", ")}`;
  switch (entry) {
    case "number":
      return numberProblem(value);
    case "checkbox":
      return typeof value === "boolean" || value === 0 || value === 1 ? null : t`Enter true or false.`;
    case "date":
      return problemOfDay(text) ?? (isRealDay(text) ? null : t`Enter a date, such as 2026-01-31.`);
    case "datetime":
      return (
        problemOfDay(text) ??
        (isRealMoment(text) ? null : t`Enter a date and time, such as 2026-01-31 10:00.`)
      );
    case "time":
      return isClock(text) ? null : t`Enter a time, such as 10:30.`;
    case "json":
      return typeof value !== "string" || isJson(value) ? null : t`Enter valid JSON, such as {"a": 1}.`;
    default:
      return null;
  }
}

/** Whether two values of a column are the same: 12.5 and "12.50", 1 and true in a checkbox. */
export function isSame({ entry }: Pick<GridField, "entry">, one: unknown, other: unknown): boolean {
  if (isNothing(one) || isNothing(other)) return isNothing(one) && isNothing(other);
  if (entry === "number" && isNumber(one) && isNumber(other)) return canonical(one) === canonical(other);
  if (entry === "checkbox") return isTicked(one) === isTicked(other);
  if (typeof one === "object" || typeof other === "object")
    return JSON.stringify(one) === JSON.stringify(other);
  return String(one) === String(other);
}
