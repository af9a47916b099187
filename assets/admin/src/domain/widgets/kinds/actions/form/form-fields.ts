import { t } from "@lingui/core/macro";
import type { Column, JsonObject } from "@/lib/api/model";
import { columnFormat, type ColumnFormat } from "@/lib/format/columns";
import { isRealDay, isRealMoment, problemOfDay, readClock } from "@/lib/format/dates/calendar";
import { compareNumbers, exactNumber, isNumber } from "@/lib/format/decimals";
import { asNumber } from "@/lib/format/figures";
import { cellText, columnNamed, type Row } from "@/lib/rows/cells";
import { fillText, type Scope } from "@/lib/templates/placeholders";
import { isObject } from "@/lib/is-object";
import { isOn, objectsOf, textOf } from "../../config";

const types = [
  "text",
  "longText",
  "email",
  "number",
  "select",
  "boolean",
  "optionalBoolean",
  "date",
  "time",
  "dateTime",
  "moment",
] as const;

/** A query that returns the values of a field. */
export interface FieldSource {
  queryID: string;
  valueField: string;
  labelField: string;
  /** The parameters for the search text and for the current value. */
  search: string;
  value: string;
}

export interface FormField {
  name: string;
  label: string;
  type: (typeof types)[number];
  required: boolean;
  options: string[];
  choices: FieldSource | null;
  /** Whether an empty text is sent as such instead of as no value. In a required field, only the row's own may be. */
  emptyText: boolean;
  standard: string;
  help: string;
  /** Shown while nothing is entered. */
  placeholder: string;
  min: number | null;
  max: number | null;
  /** Shown in the input; empty without one. */
  unit: string;
  /** How the query of the row shows the values of the column with this name. */
  format: ColumnFormat;
}

/** Derives a label: "customer_name" → "Customer name". */
const words = (name: string) =>
  name
    .replace(/_+/g, " ")
    .trim()
    .replace(/^./, (letter) => letter.toUpperCase());

/** Returns what is shown in the input of a number: its unit, or its currency. */
const unitOf = ({ style: { unit, format, currency } }: ColumnFormat): string =>
  unit ?? (format === "currency" ? (currency ?? "") : "");

/** Returns how a number is shown elsewhere, if that differs from how it is entered: 0.021 is 2.1 %. */
export function shownElsewhere({ type, format }: FormField, value: unknown): string | null {
  const written = format.style.format;
  if (type !== "number" || !isNumber(value)) return null;
  return written === "percent" || written === "bytes" || written === "duration" ? format.text(value) : null;
}

function sourceOf(value: unknown): FieldSource | null {
  if (!isObject(value) || !textOf(value, "valueField")) return null;
  const [queryID, valueField] = [textOf(value, "queryID"), textOf(value, "valueField")];
  return {
    queryID,
    valueField,
    labelField: textOf(value, "labelField"),
    search: textOf(value, "search"),
    value: textOf(value, "value"),
  };
}

/**
 * Returns the fields of a form. `columns` are those of its query: a field has the label, the unit, the format and the
 * colors of the column with its name, unless the form sets them.
 */
export function formFields(config: JsonObject, columns: readonly Column[] = []): FormField[] {
  return objectsOf(config, "fields").flatMap((field) => {
    const name = textOf(field, "name");
    if (!name) return [];
    const options = Array.isArray(field["options"])
      ? field["options"].filter((option) => typeof option === "string")
      : [];
    // The options decide whether the values are statuses.
    const format = columnFormat(
      columns,
      name,
      options.map((option) => ({ [name]: option })),
      { unit: textOf(field, "unit") || undefined },
    );
    return [
      {
        name,
        label: textOf(field, "label") || columnNamed(columns, name).label || words(name),
        type: types.find((type) => type === field["type"]) ?? "text",
        required: isOn(field, "required"),
        options: [...new Set(options)],
        choices: sourceOf(field["choices"]),
        emptyText: isOn(field, "emptyText"),
        standard: textOf(field, "default"),
        help: textOf(field, "help"),
        placeholder: textOf(field, "placeholder"),
        min: asNumber(field["min"]),
        max: asNumber(field["max"]),
        unit: unitOf(format),
        format,
      },
    ];
  });
}

/** Returns whether a value has a format that some values of a database lack. */
const isFormatted = (type: FormField["type"]) =>
  ["number", "date", "time", "dateTime", "moment"].includes(type);

/** Converts a value to the type of the field; undefined if that is impossible. An empty text stays empty. */
function typed({ type, choices }: FormField, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (value === "") return type === "text" || type === "longText" ? "" : undefined;
  if (type === "number") return exactNumber(value) ?? undefined;
  if (type === "boolean" || type === "optionalBoolean")
    return value === true || value === 1 || value === "true";
  if (type === "select" && choices) return value;
  // SQLite has numbers in columns of dates.
  if (typeof value === "number" && isFormatted(type)) return undefined;
  const text = cellText(value);
  if (type === "date") return /^(\d{4}-\d\d-\d\d)(?:[T ][^B]*)?$/.exec(text)?.[1];
  // Also a value that is not an option: it is rejected on submit instead of being replaced silently.
  return text;
}

/**
 * Returns the initial values: the row's if there is one, else the defaults. A value of the row that no input can show,
 * such as the date `infinity`, stays what it is.
 */
export function startValues(fields: readonly FormField[], row: Row | undefined, scope: Scope): JsonObject {
  const values = fields.map((field) => {
    const own = row && Object.hasOwn(row, field.name);
    const value = typed(field, own ? row[field.name] : fillText(field.standard, scope) || undefined);
    if (value === undefined && own && isFormatted(field.type) && row[field.name] !== "")
      return [field.name, row[field.name] ?? undefined] as const;
    return [field.name, value ?? (field.type === "boolean" ? false : undefined)] as const;
  });
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/** Returns what is sent: fields without a value are null, or an empty text where that is wanted. */
export const sentValues = (fields: readonly FormField[], values: JsonObject): JsonObject =>
  Object.fromEntries(fields.map(({ name, emptyText }) => [name, values[name] ?? (emptyText ? "" : null)]));

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

function problemOf({ type, required, min, max, options, choices }: FormField, value: unknown): string | null {
  const empty = value === undefined || value === null || value === "";
  if (empty) return required ? t`This field is required.` : null;
  if (type === "boolean") return required && value !== true ? t`This box must be checked.` : null;
  if (type === "number") {
    if (!isNumber(value)) return t`Enter a number.`;
    if (min !== null && compareNumbers(value, min) < 0) return t`Must be at least ${min}.`;
    return max !== null && compareNumbers(value, max) > 0 ? t`Must be at most ${max}.` : null;
  }
  if (type === "optionalBoolean" || (type === "select" && choices)) return null;
  const text = String(value);
  if (type === "email" && !EMAIL.test(text)) return t`Enter a valid email address.`;
  if (type === "select") return options.includes(text) ? null : t`Select one of the allowed values.`;
  if (type === "date") return problemOfDay(text) ?? (isRealDay(text) ? null : t`Select a date.`);
  if (type === "time") return readClock(text) !== null ? null : t`Enter a time such as 14:30.`;
  if (type === "dateTime" || type === "moment")
    return problemOfDay(text) ?? (isRealMoment(text) ? null : t`Select a date and time.`);
  const length = [...text].length;
  if (min !== null && length < min) return t`Must be at least ${min} characters.`;
  return max !== null && length > max ? t`Must be at most ${max} characters.` : null;
}

/** Returns whether a field has the value of the row, in a format that it does not accept from people. */
function isKept(field: FormField, value: unknown, row: Row | undefined): boolean {
  const is = row !== undefined && Object.hasOwn(row, field.name) && row[field.name] === value;
  return is && isFormatted(field.type) && (field.type !== "number" || !isNumber(value));
}

/** Returns whether a text may stay empty although the field is required, because the row has an empty one. */
const staysEmpty = ({ name, emptyText }: FormField, row: Row | undefined): boolean =>
  emptyText && row?.[name] === "";

/** Returns the errors by field. `row` is the row of the form, whose values may stay what they are. */
export function checkForm(
  fields: readonly FormField[],
  values: JsonObject,
  row?: Row,
): Record<string, string> {
  const found = fields.map((field) => {
    const value = values[field.name];
    const isEmpty = value === undefined || value === null || value === "";
    const isRight = isEmpty ? staysEmpty(field, row) : isKept(field, value, row);
    return [field.name, isRight ? null : problemOf(field, value)] as const;
  });
  return Object.fromEntries(found.filter((one): one is [string, string] => one[1] !== null));
}
