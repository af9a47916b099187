import { asRange, wordsOfRange } from "./date-ranges";

/** What the placeholders of a widget's texts and values stand for. */
export interface Scope {
  row?: Record<string, unknown> | undefined;
  form?: Record<string, unknown> | undefined;
  vars?: Record<string, unknown> | undefined;
  /** What was entered into a cell. */
  value?: unknown;
}

const STEP = String.raw`(?:\.[\p{L}_][\p{L}\p{N}_]*|\["[^"\\]+"\]|\[\d+\])`;
const PLACEHOLDER = new RegExp(String.raw`\{\{\s*(?:(row|form|vars)(${STEP}+)|(value))\s*\}\}`, "gu");
const ONE = new RegExp(`^${PLACEHOLDER.source}$`, "u");
/** Whatever stands between braces, also what is no placeholder. */
const BRACES = /\{\{[^{}]*\}\}/g;
const NAME = /\.([\p{L}_][\p{L}\p{N}_]*)|\["([^"\\]+)"\]|\[(\d+)\]/gu;

/** The columns that the placeholders of a text take values of. */
export function rowNamesIn(text: unknown): string[] {
  const paths = typeof text === "string" ? [...text.matchAll(PLACEHOLDER)].filter(([, place]) => place === "row") : [];
  return paths.flatMap(([, , path]) => {
    const [first] = (path ?? "").matchAll(NAME);
    return first ? [first[1] ?? first[2] ?? first[3] ?? ""] : [];
  });
}

/** How a column, a field or a variable is written as a placeholder. */
export function placeholderFor(scope: "row" | "form" | "vars", name: string): string {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? `{{ ${scope}.${name} }}` : `{{ ${scope}["${name.replace(/["\\]/g, "")}"] }}`;
}

/** What a placeholder stands for; undefined when there is no such thing, null when it is there and empty. */
function lookUp(scope: Scope, [, place, path]: RegExpMatchArray): unknown {
  if (!place) return scope.value;
  let found: unknown = scope[place as "row" | "form" | "vars"];
  for (const [, name, quoted, index] of (path ?? "").matchAll(NAME)) {
    if (found === null) return null;
    const key = name ?? quoted ?? index ?? "";
    found = typeof found === "object" && Object.hasOwn(found, key) ? (found as Record<string, unknown>)[key] : undefined;
  }
  return found;
}

function* texts(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null) for (const item of Object.values(value)) yield* texts(item);
}

/**
 * The placeholders of a value that cannot be filled in: of columns, fields and variables that are not there, of variables
 * that nobody has set, and what is no placeholder at all. A column or a field that is there and empty is filled in.
 */
export function unresolvedIn(value: unknown, scope: Scope): string[] {
  const found = new Set<string>();
  for (const text of texts(value)) {
    for (const [braces] of text.matchAll(BRACES)) {
      const match = ONE.exec(braces);
      const filled = match ? lookUp(scope, match) : undefined;
      if (filled === undefined || (filled === null && match?.[1] === "vars")) found.add(braces);
    }
  }
  return [...found];
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
