import { asRange, wordsOfRange } from "./date-ranges";

/** What the placeholders of a widget's texts and values stand for. */
export interface Scope {
  row?: Record<string, unknown> | undefined;
  form?: Record<string, unknown> | undefined;
  vars?: Record<string, unknown> | undefined;
  /** What was entered into a cell. */
  value?: unknown;
}

const PLACEHOLDER = /\{\{\s*(?:(row|form|vars)(?:\.([\p{L}_][\p{L}\p{N}_]*)|\["([^"\\]+)"\])|(value))\s*\}\}/gu;

/** How a column, a field or a variable is written as a placeholder. */
export function placeholderFor(scope: "row" | "form" | "vars", name: string): string {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? `{{ ${scope}.${name} }}` : `{{ ${scope}["${name.replace(/["\\]/g, "")}"] }}`;
}

function lookUp(scope: Scope, [, place, name, quoted]: RegExpMatchArray): unknown {
  if (!place) return scope.value;
  const values = scope[place as "row" | "form" | "vars"];
  const key = name ?? quoted ?? "";
  return values && Object.hasOwn(values, key) ? values[key] : undefined;
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  return asRange(value) ? wordsOfRange(value) : JSON.stringify(value);
}

/** A text with its placeholders filled in; each value goes through `escape`. */
export function fillText(text: string, scope: Scope, escape: (value: string) => string = (value) => value): string {
  return text.replace(PLACEHOLDER, (...match) => escape(asText(lookUp(scope, match as unknown as RegExpMatchArray))));
}

/** A value with its placeholders filled in: one that is all there is keeps its type, others become text. */
export function fillValue(value: unknown, scope: Scope): unknown {
  if (typeof value === "string") {
    const [only] = value.trim().matchAll(PLACEHOLDER);
    return only && only[0] === value.trim() ? lookUp(scope, only) : fillText(value, scope);
  }
  if (Array.isArray(value)) return value.map((item) => fillValue(item, scope));
  return typeof value === "object" && value !== null ? fillValues(value as Record<string, unknown>, scope) : value;
}

/** The values of an action; what nothing was found for is left out, so that defaults hold. */
export function fillValues(values: Record<string, unknown>, scope: Scope): Record<string, unknown> {
  const filled = Object.entries(values).map(([name, value]) => [name, fillValue(value, scope)] as const);
  return Object.fromEntries(filled.filter(([, value]) => value !== undefined && value !== null));
}
