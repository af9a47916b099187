import type { Column } from "@/lib/api/model";
import { columnFormat } from "@/lib/format/columns";
import { isNumber } from "@/lib/format/decimals";
import { asMoments, wordsOfMoments } from "@/lib/format/dates/time-ranges";

/** The values of the placeholders in a widget's texts and values. */
export interface Scope {
  row?: Record<string, unknown> | undefined;
  /** How the row's values are shown. */
  columns?: readonly Column[] | undefined;
  form?: Record<string, unknown> | undefined;
  vars?: Record<string, unknown> | undefined;
  /** The person who is signed in. */
  user?: Record<string, unknown> | undefined;
  /** The value entered in a cell. */
  value?: unknown;
}

const STEP = String.raw`(?:\.[\p{L}_][\p{L}\p{N}_]*|\["[^"\\]+"\]|\[\d+\])`;
const PLACEHOLDER = new RegExp(String.raw`\{\{\s*(?:(row|form|vars|user)(${STEP}+)|(value))\s*\}\}`, "gu");
const ONE = new RegExp(`^${PLACEHOLDER.source}$`, "u");
/** Everything between braces, valid or not. */
const BRACES = /\{\{[^{}]*\}\}/g;
const NAME = /\.([\p{L}_][\p{L}\p{N}_]*)|\["([^"\\]+)"\]|\[(\d+)\]/gu;

/** Returns the columns that a text's placeholders refer to. */
export function rowNamesIn(text: unknown): string[] {
  const paths =
    typeof text === "string" ? [...text.matchAll(PLACEHOLDER)].filter(([, place]) => place === "row") : [];
  return paths.flatMap(([, , path]) => {
    const [first] = (path ?? "").matchAll(NAME);
    return first ? [first[1] ?? first[2] ?? first[3] ?? ""] : [];
  });
}

/** Returns the placeholder of a column, a field or a variable. */
export function placeholderFor(scope: "row" | "form" | "vars", name: string): string {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)
    ? `{{ ${scope}.${name} }}`
    : `{{ ${scope}["${name.replace(/["\\]/g, "")}"] }}`;
}

/** Resolves a placeholder; undefined if it does not exist, null if it is empty. */
function lookUp(scope: Scope, [, place, path]: RegExpMatchArray): unknown {
  if (!place) return scope.value;
  let found: unknown = scope[place as "row" | "form" | "vars" | "user"];
  for (const [, name, quoted, index] of (path ?? "").matchAll(NAME)) {
    if (found === null) return null;
    const key = name ?? quoted ?? index ?? "";
    found =
      typeof found === "object" && Object.hasOwn(found, key)
        ? (found as Record<string, unknown>)[key]
        : undefined;
  }
  return found;
}

function* texts(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null)
    for (const item of Object.values(value)) yield* texts(item);
}

/**
 * Returns the placeholders of a value that cannot be filled in: unknown columns, fields and variables, unset variables,
 * and invalid placeholders. An existing column or field that is empty is filled in.
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

/** Returns the paths of the variables and user fields in a value that have no value, such as `vars.period.from`. */
export function unsetIn(value: unknown, scope: Scope): string[] {
  const found = new Set<string>();
  for (const text of texts(value)) {
    for (const match of text.matchAll(PLACEHOLDER)) {
      const [, place = "", path = ""] = match;
      const isRead = place === "vars" || place === "user";
      if (isRead && (lookUp(scope, match) ?? null) === null) found.add(place + path);
    }
  }
  return [...found];
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  return asMoments(value) ? wordsOfMoments(value) : JSON.stringify(value);
}

/**
 * Fills in the placeholders of a text that programs read, such as a part of a value: as the values are. Each is passed
 * through `escape`.
 */
export function fillText(
  text: string,
  scope: Scope,
  escape: (value: string) => string = (value) => value,
): string {
  return text.replace(PLACEHOLDER, (...match) =>
    escape(asText(lookUp(scope, match as unknown as RegExpMatchArray))),
  );
}

/** Returns a value as a table shows it: in the format of its column, with the reader's separators; empty for nothing. */
function asWords(value: unknown, { columns = [] }: Scope, [, place, path]: RegExpMatchArray): string {
  if (value === null || value === undefined || value === "") return "";
  if (asMoments(value)) return asText(value);
  // What someone entered may be a code: only a column's text can be known to be a number.
  if (place !== "row" && typeof value === "string" && isNumber(value)) return value;
  const names = [...(path ?? "").matchAll(NAME)].map(([, name, quoted, index]) => name ?? quoted ?? index);
  const field = names.at(-1) ?? "value";
  const described = place === "row" && names.length === 1 ? columns : [];
  return columnFormat(described, field, [{ [field]: value }]).text(value);
}

/** Fills in a text that people read; each value is passed through `escape`. */
export function fillWords(
  text: string,
  scope: Scope,
  escape: (value: string) => string = (value) => value,
): string {
  return text.replace(PLACEHOLDER, (...match) => {
    const found = match as unknown as RegExpMatchArray;
    return escape(asWords(lookUp(scope, found), scope, found));
  });
}

/**
 * Fills in the placeholders of a URL, each encoded. Null if a value has none, or would change the path: "." and ".." are
 * steps in a path, whichever way they are encoded.
 */
export function fillUrl(url: string, scope: Scope): string | null {
  if (unresolvedIn(url, scope).length) return null;
  let isPlain = true;
  const filled = fillText(url, scope, (value) => {
    if (/^\.{1,2}$/.test(value)) isPlain = false;
    return encodeURIComponent(value);
  });
  return isPlain ? filled : null;
}

/** Fills in a value's placeholders: a lone placeholder keeps its type, others become text. */
export function fillValue(value: unknown, scope: Scope): unknown {
  if (typeof value === "string") {
    const [only] = value.trim().matchAll(PLACEHOLDER);
    return only && only[0] === value.trim() ? lookUp(scope, only) : fillText(value, scope);
  }
  if (Array.isArray(value)) return value.map((item) => fillValue(item, scope));
  return typeof value === "object" && value !== null
    ? fillValues(value as Record<string, unknown>, scope)
    : value;
}

/** Returns the values of an action; unresolved ones are omitted, so that defaults apply. */
export function fillValues(values: Record<string, unknown>, scope: Scope): Record<string, unknown> {
  const filled = Object.entries(values).map(([name, value]) => [name, fillValue(value, scope)] as const);
  return Object.fromEntries(filled.filter(([, value]) => value !== undefined && value !== null));
}
