import { t } from "@lingui/core/macro";
import type { DashboardVariable, JsonObject, ParameterType, Widget } from "@/lib/api/model";
import { asRange, daysOf, wordsOfRange, type DateRange } from "@/lib/date-ranges";
import { objectsOf } from "@/ui/widget-kinds/config";
import { widgetKind } from "@/ui/widget-kinds/index";

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Two days, or a range that moves with the calendar. */
function parseRange(text: string): DateRange | string | undefined {
  if (daysOf(text)) return text;
  const [from = "", to = ""] = text.split("..");
  return DATE.test(from) && DATE.test(to) && from <= to ? { from, to } : undefined;
}

/** How the address writes a value. */
export function textOfValue(value: unknown): string {
  const range = asRange(value);
  return range ? `${range.from}..${range.to}` : String(value ?? "");
}

/** How a reader is told a value. */
export function wordsOfValue(variable: DashboardVariable | undefined, value: unknown): string {
  if (value === null || value === undefined) return t`no value`;
  return variable?.type === "dateRange" ? wordsOfRange(value) : textOfValue(value);
}

/** How the address writes that nothing was chosen as the value: a row without one was selected. */
const NOTHING = "";

/** Whether a variable may be without a value where it has a default: a select that always has one of its choices may not. */
export const mayBeNothing = ({ type, default: standard }: DashboardVariable): boolean => type !== "select" || standard === null || standard === undefined;

/** The variables for which nothing was chosen as the value, unlike those for which nothing was chosen. */
export const chosenNothing = (definitions: readonly DashboardVariable[], search: URLSearchParams): Set<string> =>
  new Set(definitions.filter((definition) => mayBeNothing(definition) && search.get(definition.name) === NOTHING).map(({ name }) => name));

/** The value that an address gives a variable; undefined when it is no value of its type. */
function parse({ type, options, source }: DashboardVariable, text: string): unknown {
  if (text === "") return undefined;
  if (type === "number") return Number.isFinite(Number(text)) ? Number(text) : undefined;
  if (type === "date") return DATE.test(text) ? text : undefined;
  if (type === "dateRange") return parseRange(text);
  if (type === "select" && !source) return options.includes(text) ? text : undefined;
  return text;
}

/** Each variable's value: from the address, else its default. */
export function readVariables(definitions: readonly DashboardVariable[], search: URLSearchParams): JsonObject {
  return Object.fromEntries(
    definitions.map((definition) => {
      const text = search.get(definition.name);
      if (text === NOTHING && mayBeNothing(definition)) return [definition.name, null];
      const given = text === null ? undefined : parse(definition, text.slice(0, 1000));
      return [definition.name, given === undefined ? (definition.default ?? null) : given];
    }),
  );
}

/** The values as queries and widgets are given them: a range that moves with the calendar as the days it means today. */
export function resolveVariables(definitions: readonly DashboardVariable[], values: JsonObject, today: Date = new Date()): JsonObject {
  const resolved = definitions.map(({ name, type }) => {
    const value = values[name];
    return [name, type === "dateRange" && typeof value === "string" ? daysOf(value, today) : value] as const;
  });
  return Object.fromEntries(resolved);
}

/** What is asked of the server: only what was chosen or has a default. A null there is a choice, too. */
export function askedVariables(values: JsonObject, nothing: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => nothing.has(name) || (value !== null && value !== undefined)));
}

/** What widgets are given where nobody has chosen anything. */
export const standardValues = (definitions: readonly DashboardVariable[]): JsonObject => resolveVariables(definitions, readVariables(definitions, new URLSearchParams()));

/** The address with a variable's new value: null is the value of a row without one, undefined takes a choice back. The default is not written out. */
export function writeVariable(search: URLSearchParams, definition: DashboardVariable, value: unknown): URLSearchParams {
  const { name, default: standard } = definition;
  const next = new URLSearchParams(search);
  const text = textOfValue(value);
  if (value === null && mayBeNothing(definition)) next.set(name, NOTHING);
  else if (text === "" || text === textOfValue(standard)) next.delete(name);
  else next.set(name, text);
  return next;
}

/** The address with new values of some variables; names that the dashboard does not have are passed over. */
export function writeVariables(search: URLSearchParams, definitions: readonly DashboardVariable[], values: JsonObject): URLSearchParams {
  return definitions.filter(({ name }) => name in values).reduce((next, definition) => writeVariable(next, definition, values[definition.name]), search);
}

/** The variables that no widget of the dashboard is an input for: those stand in the bar. */
export function inTheBar(definitions: readonly DashboardVariable[], widgets: readonly Widget[]): DashboardVariable[] {
  const elsewhere = new Set(widgets.flatMap(({ type, config }) => (widgetKind(type)?.inputFor ?? []).map((name) => config[name])));
  return definitions.filter(({ name }) => !elsewhere.has(name));
}

/** The variables that choosing a row or a point has set to something else than they begin with. */
export function filteredBy(definitions: readonly DashboardVariable[], widgets: readonly Widget[], values: JsonObject, nothing: ReadonlySet<string> = new Set()): DashboardVariable[] {
  const chosen = new Set(widgets.flatMap(({ config }) => objectsOf(config, "selects").map((one) => one["variable"])));
  return definitions.filter(({ name, default: standard }) => nothing.has(name) || (chosen.has(name) && textOfValue(values[name]) !== textOfValue(standard) && textOfValue(values[name]) !== ""));
}

/** With which input a variable is set. */
export const inputType: Record<Exclude<DashboardVariable["type"], "dateRange">, ParameterType> = { text: "string", number: "number", select: "string", date: "date" };

export const labelOfVariable = ({ name, label }: DashboardVariable): string => label || name.replace(/_/g, " ").replace(/^./, (letter) => letter.toUpperCase());
