import type { JsonObject, Parameter } from "@/lib/api/model";
import { exactNumber } from "@/lib/format/decimals";
import { parseJson } from "@/lib/format/exact-json";
import { placeholderFor } from "@/lib/templates/placeholders";

/** Formats a value of an action for its input. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Parses a parameter's value: placeholders stay text, anything else gets the parameter's type. */
export function valueFor({ type }: Pick<Parameter, "type">, text: string): unknown {
  if (text.includes("{{")) return text;
  if (type === "number") return exactNumber(text.trim()) ?? text;
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (type !== "array" && type !== "object") return text;
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/**
 * Suggests values: columns and fields with the parameter's name; the entered value of a cell for the one that is left.
 */
export function startingValues(
  parameters: readonly Parameter[],
  offer: { columns: readonly string[]; fields: readonly string[]; cell: boolean },
): JsonObject {
  const same = (names: readonly string[], name: string) =>
    names.find((other) => other.toLowerCase() === name.toLowerCase());
  const guess = ({ name }: Parameter) => {
    const [field, column] = [same(offer.fields, name), same(offer.columns, name)];
    return field ? placeholderFor("form", field) : column ? placeholderFor("row", column) : null;
  };
  const found = parameters.map((parameter) => [parameter.name, guess(parameter)] as const);
  const open = found.filter(([, value]) => value === null);
  const cell = offer.cell && open.length === 1 ? open[0]?.[0] : undefined;
  return Object.fromEntries(
    found.flatMap(([name, value]) =>
      value ? [[name, value]] : name === cell ? [[name, "{{ value }}"]] : [],
    ),
  );
}
