import { isObject } from "@/lib/is-object";

// The days of a range are `vars.period.from` and `vars.period.to`.
const WHOLE = /^\s*\{\{\s*vars\.([A-Za-z_]\w*(?:\.(?:from|to))?)\s*\}\}\s*$/;
const ANY = /\{\{\s*vars\.([A-Za-z_]\w*(?:\.(?:from|to))?)\s*\}\}/g;
const PARAM = /\{\{[^}]*?\bparams\.([A-Za-z_]\w*)/g;

/** Returns the variable, or the day of a range, that is the whole value: `{{ vars.region }}` → "region". */
export function variableOf(value: unknown): string | null {
  return typeof value === "string" ? (WHOLE.exec(value)?.[1] ?? null) : null;
}

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

/** Returns the value of a variable, or a day of a range. */
function valueAt(path: string, variables: Record<string, unknown>): unknown {
  const [name = "", day] = path.split(".");
  const value = variables[name];
  if (day === undefined) return value;
  return isObject(value) ? value[day] : undefined;
}

/** Returns every parameter that a query's options refer to. */
export const parametersIn = (value: unknown): string[] => namesIn(value, PARAM);

/**
 * Fills variables into a widget's parameters: a lone variable keeps its type, others become text; unset ones are
 * dropped.
 */
export function fillVariables(
  parameters: Record<string, unknown>,
  variables: Record<string, unknown>,
): Record<string, unknown> {
  const resolved = Object.entries(parameters).map(([name, value]) => {
    const whole = variableOf(value);
    if (whole) return [name, valueAt(whole, variables)] as const;
    return [
      name,
      typeof value === "string"
        ? value.replace(ANY, (_, path: string) => String(valueAt(path, variables) ?? ""))
        : value,
    ] as const;
  });
  return Object.fromEntries(resolved.filter(([, value]) => value !== undefined && value !== null));
}
