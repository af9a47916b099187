import type { JsonObject, Parameter } from "@/lib/api/model";
import { fillValue, unsetIn, type Scope } from "./placeholders";

// The days of a range are `vars.period.from` and `vars.period.to`.
const WHOLE = /^\s*\{\{\s*vars\.([A-Za-z_]\w*(?:\.(?:from|to))?)\s*\}\}\s*$/;
const ANY = /\{\{\s*vars\.([A-Za-z_]\w*(?:\.(?:from|to))?)\s*\}\}/g;
const PARAM = /\{\{[^}]*?\bparams\.([A-Za-z_]\w*)/g;

/** Returns the variable, or the day of a range, that is the whole value: `{{ vars.region }}` → "region". */
export function variableOf(value: unknown): string | null {
  return typeof value === "string" ? (WHOLE.exec(value)?.[1] ?? null) : null;
}

const USER = /^\s*\{\{\s*user\.([A-Za-z_]\w*)\s*\}\}\s*$/;

/** The fields of the person who is signed in. */
export const userFields = ["email", "name", "role", "id"] as const;

/** Returns the field of the user that is the whole value: `{{ user.email }}` → "email". */
export function userFieldOf(value: unknown): string | null {
  return typeof value === "string" ? (USER.exec(value)?.[1] ?? null) : null;
}

export const userTemplate = (field: string): string => `{{ user.${field} }}`;

export const variableTemplate = (name: string): string => `{{ vars.${name} }}`;

function* texts(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null)
    for (const item of Object.values(value)) yield* texts(item);
}

function namesIn(value: unknown, pattern: RegExp): string[] {
  const names = new Set<string>();
  for (const text of texts(value))
    for (const match of text.matchAll(pattern)) if (match[1]) names.add(match[1]);
  return [...names];
}

/** Returns every dashboard variable that a value refers to. */
export const variablesIn = (value: unknown): string[] => [
  ...new Set(namesIn(value, ANY).map((path) => path.split(".")[0] ?? path)),
];

/** Returns every dashboard variable of which a value refers to an end: a range. */
export const endsIn = (value: unknown): string[] => [
  ...new Set(namesIn(value, ANY).flatMap((path) => (path.includes(".") ? (path.split(".")[0] ?? []) : []))),
];

/** Returns every parameter that a query's options refer to. */
export const parametersIn = (value: unknown): string[] => namesIn(value, PARAM);

/**
 * Parameters with their values, those whose variable or user field has no value, each with its path, and those of them
 * whose variable does not exist.
 */
interface FilledParameters {
  values: JsonObject;
  unset: Record<string, string>;
  withoutVariable: readonly string[];
}

/** Fills variables and the user into a widget's parameters: a lone placeholder keeps its type, others become text. */
export function fillParameters(
  parameters: JsonObject,
  { vars, user }: Pick<Scope, "vars" | "user">,
): FilledParameters {
  const values: JsonObject = {};
  const unset: Record<string, string> = {};
  const withoutVariable: string[] = [];
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null || value === undefined) continue;
    const [open] = unsetIn(value, { vars, user });
    if (!open) {
      values[name] = fillValue(value, { vars, user });
      continue;
    }
    unset[name] = open;
    const [root, variable = ""] = open.split(".");
    if (root === "vars" && !(vars && variable in vars)) withoutVariable.push(name);
  }
  return { values, unset, withoutVariable };
}

/** What is sent for a query's parameters, and the paths of what they wait for. */
interface SettledParameters {
  parameters: JsonObject;
  nulls: string[];
  waiting: string[];
}

/**
 * Decides what becomes of parameters without a value: an optional one is null, whatever its default is, and a required
 * one waits for its variable. If the variable does not exist, the default applies. One that is about the user always
 * waits. The server has the same rule.
 */
export function settleParameters(
  { values, unset, withoutVariable }: FilledParameters,
  declared: readonly (Pick<Parameter, "name" | "required"> & Partial<Pick<Parameter, "default">>)[],
): SettledParameters {
  const isKnown = (name: string) => declared.some((one) => one.name === name);
  const hasDefault = (name: string) =>
    withoutVariable.includes(name) &&
    declared.some((one) => one.name === name && (one.default ?? null) !== null);
  const waits = ([name, path]: [string, string]) =>
    path.startsWith("user") || declared.some((one) => one.name === name && one.required);
  const open = Object.entries(unset).filter(([name]) => isKnown(name) && !hasDefault(name));
  return {
    parameters: Object.fromEntries(Object.entries(values).filter(([name]) => isKnown(name))),
    nulls: open.filter((one) => !waits(one)).map(([name]) => name),
    waiting: [...new Set(open.filter(waits).map(([, path]) => path))],
  };
}
