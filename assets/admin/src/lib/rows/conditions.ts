import { t } from "@lingui/core/macro";
import { compareNumbers, isNumber } from "@/lib/format/decimals";
import { asDate } from "@/lib/format/figures";

export const operators = [
  { value: "equals", label: t`is` },
  { value: "notEquals", label: t`is not` },
  { value: "contains", label: t`contains` },
  { value: "greater", label: t`is more than` },
  { value: "less", label: t`is less than` },
  { value: "atLeast", label: t`is at least` },
  { value: "atMost", label: t`is at most` },
  { value: "empty", label: t`is empty` },
  { value: "notEmpty", label: t`is not empty` },
] as const;

const timeWords: Partial<Record<Operator, string>> = {
  greater: t`is after`,
  less: t`is before`,
  atLeast: t`is on or after`,
  atMost: t`is on or before`,
};

/** The operators for dates and times, which are before or after each other instead of less or more. */
const timeOperators = operators.map(({ value, label }) => ({ value, label: timeWords[value] ?? label }));

/** Returns the operators with their names for a column. */
export const operatorsFor = (isTime: boolean) => (isTime ? timeOperators : operators);

export type Operator = (typeof operators)[number]["value"];

/** Where the value comes from that a condition compares. */
const conditionSources = ["row", "form", "vars", "user"] as const;
export type ConditionSource = (typeof conditionSources)[number];

export interface Condition {
  /** The row if absent. */
  from?: ConditionSource;
  field: string;
  operator: Operator;
  value: string;
  /** How people read the column and the value, if the value is a key. */
  shown?: { label: string; value: string };
}

/** Whether an operator asks which value is greater. */
export const isComparing = (operator: string): boolean =>
  ["greater", "less", "atLeast", "atMost"].includes(operator);

export const needsValue = (operator: Operator): boolean => operator !== "empty" && operator !== "notEmpty";

const asText = (value: unknown): string =>
  (typeof value === "object" ? JSON.stringify(value) : String(value)).toLowerCase();

/** Compares numbers and dates by value, everything else as text; null if one of the two is missing. */
function compare(value: unknown, wanted: string): number {
  const number = wanted.trim();
  if (isNumber(value) && isNumber(number)) return compareNumbers(value, number);
  const moments = [asDate(value), asDate(wanted.trim())] as const;
  if (moments[0] && moments[1]) return moments[0].getTime() - moments[1].getTime();
  const [a, b] = [asText(value), wanted.toLowerCase()];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether a row matches. "contains" searches the displayed text, where that is given. */
export function fits(
  { field, operator, value }: Condition,
  row: Record<string, unknown>,
  shown?: string,
): boolean {
  const given = row[field];
  const empty = given === null || given === undefined || given === "";
  switch (operator) {
    case "empty":
      return empty;
    case "notEmpty":
      return !empty;
    case "equals":
      return empty ? value === "" : compare(given, value) === 0;
    case "notEquals":
      return empty ? value !== "" : compare(given, value) !== 0;
    case "contains":
      return (
        !empty &&
        [asText(given), (shown ?? "").toLowerCase()].some((text) => text.includes(value.toLowerCase()))
      );
    case "greater":
      return !empty && compare(given, value) > 0;
    case "less":
      return !empty && compare(given, value) < 0;
    case "atLeast":
      return !empty && compare(given, value) >= 0;
    case "atMost":
      return !empty && compare(given, value) <= 0;
  }
}

/** Parses a condition from a config; null if it is not valid. */
export function conditionOf(value: unknown): Condition | null {
  if (typeof value !== "object" || value === null) return null;
  const { from, field, operator, value: wanted } = value as Record<string, unknown>;
  const known = operators.find((one) => one.value === operator);
  const source = conditionSources.find((one) => one === from && one !== "row");
  return typeof field === "string" && field && known
    ? {
        ...(source ? { from: source } : {}),
        field,
        operator: known.value,
        value: typeof wanted === "string" ? wanted : "",
      }
    : null;
}

/** Parses conditions that must all be met: a list, or a single one. */
export const conditionsOf = (value: unknown): Condition[] =>
  (Array.isArray(value) ? value : [value]).map(conditionOf).filter((one) => one !== null);

/** The values that conditions compare. */
export type ConditionScope = { [source in ConditionSource]?: Record<string, unknown> | undefined };

/** Whether a condition is met; null if it is about a person of whom this is not known. */
function isMet(condition: Condition, scope: ConditionScope): boolean | null {
  const source = condition.from ?? "row";
  const values = scope[source] ?? {};
  return source === "user" && values[condition.field] === undefined ? null : fits(condition, values);
}

/**
 * Whether all conditions are met: not if they are about an unknown person. The server checks those of actions again:
 * `model/widget/condition.rs`.
 */
export const allMet = (conditions: readonly Condition[], scope: ConditionScope): boolean =>
  conditions.every((one) => isMet(one, scope) === true);

/** Whether there are conditions that prevent something: all are met, or would be for some person. */
export const someAllMet = (conditions: readonly Condition[], scope: ConditionScope): boolean =>
  conditions.length > 0 && conditions.every((one) => isMet(one, scope) !== false);
