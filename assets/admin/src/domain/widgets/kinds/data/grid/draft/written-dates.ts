import { isRealDay } from "@/lib/format/dates/calendar";

// Dates in columns of text, or of a database without a type for dates.
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}([T ])\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z?)$/;
/** Dates that only databases with a type for them contain. */
const BEYOND = /^-?infinity$|BC$|^0000-00-00|^\d{5,}-|\d{2}:\d{2}\S*[+-]\d{2}(:?\d{2})?$/;

/** Returns the notation of a date; null if the text is not a date. */
function formOf(value: unknown): string | null {
  if (typeof value !== "string" || !isRealDay(value.slice(0, 10))) return null;
  if (DAY.test(value)) return "day";
  const found = MOMENT.exec(value);
  return found ? `${found[1]} ${found[2] ? "seconds" : ""} ${found[4]}` : null;
}

/** Returns the editor of a column of texts that are all dates, written in the same way; null for other texts. */
export function entryOfTexts(values: readonly unknown[]): "date" | "datetime" | null {
  const first = formOf(values[0]);
  if (first === null || values.some((value) => formOf(value) !== first)) return null;
  return first === "day" ? "date" : "datetime";
}

/**
 * Returns the editor of a column that is declared as a date, or a date and time. SQLite keeps any value in it: one that
 * is not a date makes it a column of text.
 */
export function entryOfDates(type: string, values: readonly unknown[]): "date" | "datetime" | "text" {
  const forms = values.filter((value) => !(typeof value === "string" && BEYOND.test(value))).map(formOf);
  if (forms.includes(null)) return "text";
  const isDay = type.startsWith("date") && !type.startsWith("datetime");
  if (forms.length === 0) return isDay ? "date" : "datetime";
  if (forms.every((form) => form === "day"))
    return isDay || values.length === forms.length ? "date" : "datetime";
  return "datetime";
}
