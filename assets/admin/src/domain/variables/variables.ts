import { t } from "@lingui/core/macro";
import { widgetKind } from "@/domain/widgets/kinds";
import { objectsOf } from "@/domain/widgets/kinds/config";
import type { DashboardVariable, JsonObject, ParameterType, Widget } from "@/lib/api/model";
import { exactNumber } from "@/lib/format/decimals";
import { daysOf, wordsOfRange, type DateRange } from "@/lib/format/dates/date-ranges";
import { asMoments, isRelative, momentsOf, wordsOfMoments } from "@/lib/format/dates/time-ranges";

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Two dates, or a relative range. */
function parseRange(text: string): DateRange | string | undefined {
  if (daysOf(text)) return text;
  const [from = "", to = ""] = text.split("..");
  return DATE.test(from) && DATE.test(to) && from <= to ? { from, to } : undefined;
}

/** Two moments, or a relative range. */
function parseMoments(text: string): DateRange | string | undefined {
  if (isRelative(text)) return text;
  const [from = "", to = ""] = text.split("..");
  return asMoments({ from, to }) ?? undefined;
}

/** Writes a value for the URL. */
export function textOfValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(", ");
  const range = asMoments(value);
  return range ? `${range.from}..${range.to}` : String(value ?? "");
}

/** Formats a value for people. */
export function wordsOfValue(
  variable: Pick<DashboardVariable, "type"> | undefined,
  value: unknown,
  zone?: string,
): string {
  if (value === null || value === undefined) return t`no value`;
  if (variable?.type === "timeRange") return wordsOfMoments(value, zone);
  return variable?.type === "dateRange" ? wordsOfRange(value) : textOfValue(value);
}

/** The URL form of an explicit null: a row without a value was selected. */
const NOTHING = "";

/** Whether a value is a list of selected options. */
export const isSelected = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

/** Whether a variable may be null where it has a default: a select that always has one of its options may not. */
export const mayBeNothing = ({ type, default: standard }: DashboardVariable): boolean =>
  (type !== "select" && type !== "multiSelect") || standard === null || standard === undefined;

/** Returns the variables that were explicitly set to null, as opposed to those that were not set. */
export const chosenNothing = (
  definitions: readonly DashboardVariable[],
  search: URLSearchParams,
): Set<string> =>
  new Set(
    definitions
      .filter((definition) => mayBeNothing(definition) && search.get(definition.name) === NOTHING)
      .map(({ name }) => name),
  );

/** Reads a variable's value from the URL; undefined if it does not have the variable's type. */
function parse({ type, options, source }: DashboardVariable, text: string): unknown {
  if (text === "") return undefined;
  if (type === "number") return exactNumber(text.trim()) ?? undefined;
  if (type === "date") return DATE.test(text) ? text : undefined;
  if (type === "dateRange") return parseRange(text);
  if (type === "timeRange") return parseMoments(text);
  if (type === "select" && !source) return options.includes(text) ? text : undefined;
  return text;
}

/** The most options that may be selected at once. */
const MOST_SELECTED = 200;

/** Reads the selected options; undefined if there are none. */
function parseSelected(
  { options, source }: DashboardVariable,
  texts: readonly string[],
): string[] | undefined {
  const known = texts.filter((text) => text !== "" && (source || options.includes(text)));
  return known.length > 0 ? known.slice(0, MOST_SELECTED).map((text) => text.slice(0, 1000)) : undefined;
}

/** Returns each variable's value: from the URL, else its default. */
export function readVariables(
  definitions: readonly DashboardVariable[],
  search: URLSearchParams,
): JsonObject {
  return Object.fromEntries(
    definitions.map((definition) => {
      const text = search.get(definition.name);
      if (text === NOTHING && mayBeNothing(definition)) return [definition.name, null];
      const given =
        text === null
          ? undefined
          : definition.type === "multiSelect"
            ? parseSelected(definition, search.getAll(definition.name))
            : parse(definition, text.slice(0, 1000));
      return [definition.name, given === undefined ? (definition.default ?? null) : given];
    }),
  );
}

/** Returns the values as queries and widgets get them: a range as the days or moments that it means now. */
export function resolveVariables(
  definitions: readonly DashboardVariable[],
  values: JsonObject,
  today: Date = new Date(),
  zone?: string,
): JsonObject {
  const resolved = definitions.map(({ name, type }) => {
    const value = values[name];
    if (type === "timeRange") return [name, momentsOf(value, zone)] as const;
    return [name, type === "dateRange" && typeof value === "string" ? daysOf(value, today) : value] as const;
  });
  return Object.fromEntries(resolved);
}

/** Returns the values without the moments of relative ranges: the server counts those from each request. */
export function withRelativeTimes(
  definitions: readonly DashboardVariable[],
  values: JsonObject,
  resolved: JsonObject,
): JsonObject {
  const relative = definitions.filter(
    ({ name, type }) => type === "timeRange" && typeof values[name] === "string",
  );
  return { ...resolved, ...Object.fromEntries(relative.map(({ name }) => [name, values[name]])) };
}

/** Returns what is sent to the server: values that were set or have a default. An explicit null counts as set. */
export function askedVariables(values: JsonObject, nothing: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(
    Object.entries(values).filter(
      ([name, value]) => nothing.has(name) || (value !== null && value !== undefined),
    ),
  );
}

/**
 * Writes a variable's new value to the URL: null is the value of a row without one, undefined clears it. The default is
 * omitted.
 */
export function writeVariable(
  search: URLSearchParams,
  definition: DashboardVariable,
  value: unknown,
): URLSearchParams {
  const { name, default: standard } = definition;
  const next = new URLSearchParams(search);
  const text = textOfValue(value);
  if (value === null && mayBeNothing(definition)) next.set(name, NOTHING);
  else if (text === "" || text === textOfValue(standard)) next.delete(name);
  else if (isSelected(value)) {
    next.delete(name);
    for (const item of value) next.append(name, item);
  } else next.set(name, text);
  return next;
}

/** Writes new values of some variables to the URL; unknown names are ignored. */
export function writeVariables(
  search: URLSearchParams,
  definitions: readonly DashboardVariable[],
  values: JsonObject,
): URLSearchParams {
  const written = definitions
    .filter(({ name }) => name in values)
    .reduce((next, definition) => writeVariable(next, definition, values[definition.name]), search);
  return withoutDependents(written, definitions, new Set(Object.keys(values)));
}

/** Returns the names of the variables that decide which options a variable has. */
const dependsOn = ({ source }: DashboardVariable): string[] =>
  [...JSON.stringify(source?.parameters ?? {}).matchAll(/\{\{\s*vars\.([A-Za-z_]\w*)/g)].flatMap(
    ([, name]) => name ?? [],
  );

/** Clears the variables whose options changed with another one, unless they are set themselves. They come later. */
function withoutDependents(
  search: URLSearchParams,
  definitions: readonly DashboardVariable[],
  set: ReadonlySet<string>,
): URLSearchParams {
  const changed = new Set(set);
  for (const definition of definitions) {
    if (set.has(definition.name) || !dependsOn(definition).some((name) => changed.has(name))) continue;
    search.delete(definition.name);
    changed.add(definition.name);
  }
  return search;
}

/** Returns the names of the variables that selecting a row of a widget sets. */
export const selectedVariables = (widgets: readonly Widget[]): Set<unknown> =>
  new Set(widgets.flatMap(({ config }) => objectsOf(config, "selects").map((one) => one["variable"])));

/** Returns the variables that no widget of the dashboard sets: those appear in the bar. */
export function inTheBar(
  definitions: readonly DashboardVariable[],
  widgets: readonly Widget[],
): DashboardVariable[] {
  const elsewhere = new Set(
    widgets.flatMap(({ type, config }) => (widgetKind(type)?.inputFor ?? []).map((name) => config[name])),
  );
  return definitions.filter(({ name, hidden }) => hidden !== true && !elsewhere.has(name));
}

/**
 * Returns the variables that a click on a row or a point has changed from their default, without hidden ones. Those in
 * the bar show it there, unless their value is null.
 */
export function filteredBy(
  definitions: readonly DashboardVariable[],
  widgets: readonly Widget[],
  values: JsonObject,
  nothing: ReadonlySet<string> = new Set(),
): DashboardVariable[] {
  const chosen = selectedVariables(widgets);
  const barred = new Set(inTheBar(definitions, widgets).map(({ name }) => name));
  return definitions.filter(
    ({ name, default: standard, hidden }) =>
      (nothing.has(name) && hidden !== true) ||
      (chosen.has(name) &&
        hidden !== true &&
        !barred.has(name) &&
        textOfValue(values[name]) !== textOfValue(standard) &&
        textOfValue(values[name]) !== ""),
  );
}

/** The input that sets a variable. */
export const inputType: Record<
  Exclude<DashboardVariable["type"], "dateRange" | "timeRange" | "multiSelect">,
  ParameterType
> = {
  text: "string",
  number: "number",
  select: "string",
  date: "date",
};

export const labelOfVariable = ({ name, label }: Pick<DashboardVariable, "name" | "label">): string =>
  label || name.replace(/_/g, " ").replace(/^./, (letter) => letter.toUpperCase());
