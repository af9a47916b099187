import { t } from "@lingui/core/macro";
import type { JsonObject } from "@/lib/api/model";
import { compareNumbers, exactNumber, isNumber } from "@/lib/format/decimals";
import { asNumber } from "@/lib/format/figures";
import type { Row } from "@/lib/rows/cells";
import { fillText, type Scope } from "@/lib/templates/placeholders";
import { isOn, objectsOf, textOf } from "../config";

const types = ["text", "longText", "email", "number", "select", "boolean", "date"] as const;

export interface FormField {
  name: string;
  label: string;
  type: (typeof types)[number];
  required: boolean;
  options: string[];
  standard: string;
  help: string;
  min: number | null;
  max: number | null;
}

/** Derives a label: "customer_name" → "Customer name". */
const words = (name: string) =>
  name
    .replace(/_+/g, " ")
    .trim()
    .replace(/^./, (letter) => letter.toUpperCase());

export function formFields(config: JsonObject): FormField[] {
  return objectsOf(config, "fields").flatMap((field) => {
    const name = textOf(field, "name");
    if (!name) return [];
    const options = Array.isArray(field["options"])
      ? field["options"].filter((option) => typeof option === "string")
      : [];
    return [
      {
        name,
        label: textOf(field, "label") || words(name),
        type: types.find((type) => type === field["type"]) ?? "text",
        required: isOn(field, "required"),
        options: [...new Set(options)],
        standard: textOf(field, "default"),
        help: textOf(field, "help"),
        min: asNumber(field["min"]),
        max: asNumber(field["max"]),
      },
    ];
  });
}

/** Converts a value to the type of the field; undefined if that is impossible. */
function typed({ type }: FormField, value: unknown): unknown {
  if (value === null || value === undefined || value === "") return undefined;
  if (type === "number") return exactNumber(value) ?? undefined;
  if (type === "boolean") return value === true || value === 1 || value === "true";
  const text = String(value);
  if (type === "date") return /^\d{4}-\d\d-\d\d/.exec(text)?.[0];
  // Also a value that is not an option: it is rejected on submit instead of being replaced silently.
  return text;
}

/** Returns the initial values: the row's if there is one, else the defaults. */
export function startValues(fields: readonly FormField[], row: Row | undefined, scope: Scope): JsonObject {
  const values = fields.map(
    (field) =>
      [
        field.name,
        typed(field, row?.[field.name]) ??
          typed(field, fillText(field.standard, scope)) ??
          (field.type === "boolean" ? false : undefined),
      ] as const,
  );
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

function problemOf({ type, required, min, max, options }: FormField, value: unknown): string | null {
  const empty = value === undefined || value === null || value === "";
  if (empty) return required ? t`This field is required.` : null;
  if (type === "boolean") return required && value !== true ? t`This box must be checked.` : null;
  if (type === "number") {
    if (!isNumber(value)) return t`Enter a number.`;
    if (min !== null && compareNumbers(value, min) < 0) return t`Must be at least ${min}.`;
    return max !== null && compareNumbers(value, max) > 0 ? t`Must be at most ${max}.` : null;
  }
  const text = String(value);
  if (type === "email" && !EMAIL.test(text)) return t`Enter a valid email address.`;
  if (type === "select") return options.includes(text) ? null : t`Select one of the allowed values.`;
  if (type === "date") return Number.isNaN(Date.parse(text)) ? t`Select a date.` : null;
  const length = [...text].length;
  if (min !== null && length < min) return t`Must be at least ${min} characters.`;
  return max !== null && length > max ? t`Must be at most ${max} characters.` : null;
}

/** Returns the errors by field. */
export function checkForm(fields: readonly FormField[], values: JsonObject): Record<string, string> {
  const found = fields.map((field) => [field.name, problemOf(field, values[field.name])] as const);
  return Object.fromEntries(found.filter((one): one is [string, string] => one[1] !== null));
}
