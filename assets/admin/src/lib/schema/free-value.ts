import { t } from "@lingui/core/macro";
import { parseJson } from "@/lib/format/exact-json";

/** Formats any value as text: templates and plain text as they are, the rest as JSON. */
export function showValue(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") return JSON.stringify(value, null, 2);
  const read = readValue(value);
  return "value" in read && read.value === value ? value : JSON.stringify(value);
}

/** Parses a text: as JSON if it is JSON, else as the text itself; invalid JSON is reported. */
export function readValue(text: string): { value: unknown } | { broken: string } {
  const trimmed = text.trim();
  if (trimmed === "") return { value: undefined };
  try {
    return { value: parseJson(trimmed) };
  } catch {
    const looksLikeJson = /^(\{(?!\{)|\[|")/.test(trimmed);
    return looksLikeJson ? { broken: t`Enter valid JSON` } : { value: text };
  }
}
