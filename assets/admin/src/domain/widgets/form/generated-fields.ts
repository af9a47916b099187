import { t } from "@lingui/core/macro";
import type { DataQuery, JsonObject, Parameter } from "@/lib/api/model";
import { placeholderFor } from "@/lib/templates/placeholders";
import { objectsOf, textOf } from "../kinds/config";

/** The maximum number of fields of a form. */
const MOST = 50;
const types: Partial<Record<Parameter["type"], string>> = {
  number: "number",
  boolean: "boolean",
  date: "date",
};
/** What finds the row to change: people do not enter it. */
const KEY = /^(id|key|uuid|version)$|_key$/i;

type Known = Pick<Parameter, "name" | "type" | "required" | "default"> & { allowed?: unknown[] | null };

/** Returns the field of a form for a parameter: with its type, its allowed values and its default. */
function fieldOf({ name, type, required, default: standard, allowed }: Known): JsonObject {
  const options = (allowed ?? []).filter((value) => typeof value === "string");
  const isPlain = typeof standard === "string" || typeof standard === "number";
  return {
    name,
    type: options.length ? "select" : (types[type] ?? "text"),
    required: required && type !== "boolean",
    ...(options.length ? { options } : {}),
    ...(isPlain && standard !== "" ? { default: String(standard) } : {}),
  };
}

const isFromForm = (value: unknown) => typeof value === "string" && /\{\{\s*form[.[]/.test(value);
const isFromRow = (value: unknown) => typeof value === "string" && /\{\{\s*row[.[]/.test(value);

/** Returns the parameters that could be entered in a form, and are not yet. */
export function fieldless<P extends Known>(parameters: readonly P[], values: JsonObject): P[] {
  return parameters.filter(({ name }) => {
    const value = values[name];
    if (!/^[A-Za-z_]\w*$/.test(name) || isFromForm(value)) return false;
    return value === undefined || (isFromRow(value) && !KEY.test(name));
  });
}

/** Returns the fields of a form with one for each of these parameters, and values that take what is entered there. */
export function withFields(
  config: JsonObject,
  parameters: readonly Known[],
  values: JsonObject = {},
): { fields: JsonObject[]; values: JsonObject } {
  const fields = objectsOf(config, "fields").filter((field) => textOf(field, "name") !== "");
  const known = new Set(fields.map((field) => textOf(field, "name")));
  const added = parameters.filter(({ name }) => !known.has(name)).slice(0, MOST - fields.length);
  const usable = new Set([...known, ...added.map(({ name }) => name)]);
  const taken = parameters.filter(({ name }) => usable.has(name));
  return {
    fields: [...fields, ...added.map(fieldOf)],
    values: {
      ...values,
      ...Object.fromEntries(taken.map(({ name }) => [name, placeholderFor("form", name)])),
    },
  };
}

/** Returns a config whose action at a path such as `config.then[1]` has other values. */
export function withValues(config: JsonObject, path: string, values: JsonObject): JsonObject {
  const at = /^config\.then\[(\d+)\]$/.exec(path)?.[1];
  if (at === undefined) {
    const action = config["action"];
    return { ...config, action: { ...(action as JsonObject), values } };
  }
  const then = objectsOf(config, "then").map((action, index) =>
    index === Number(at) ? { ...action, values } : action,
  );
  return { ...config, then };
}

type Running = Pick<DataQuery, "name" | "parameters"> & { changesData?: boolean };

/** Returns the first config of a form or a button that runs a query: a form has a field for each parameter. */
export function runningConfig(type: string, id: string, query: Running): JsonObject {
  const { name, parameters } = query;
  const action = (values: JsonObject) => ({ type: "query", queryID: id, values });
  if (type !== "form")
    return withConfirmation({ label: name.slice(0, 60) }, "config.action", action({}), query);
  const { fields, values } = withFields({}, fieldless(parameters, {}));
  return withConfirmation({ fields }, "config.action", action(values), query);
}

/**
 * Returns a config with an action, such as the one at `config.action` or `config.rowActions[0].action`. Where one click
 * would change data, it is confirmed by default.
 */
export function withConfirmation(
  config: JsonObject,
  path: string,
  action: JsonObject,
  { name, changesData }: Pick<Running, "name" | "changesData">,
): JsonObject {
  const confirmed = (holder: JsonObject): JsonObject => {
    const isAsking = textOf(holder, "confirm") !== "" || objectsOf(holder, "fields").length > 0;
    return {
      ...holder,
      action,
      ...(changesData && !isAsking ? { confirm: t`Run “${name}”? It changes data.` } : {}),
    };
  };
  if (path === "config.action") return confirmed(config);
  const row = /^config\.rowActions\[(\d+)\]\.action$/.exec(path)?.[1];
  if (row === undefined) return config;
  const rows = objectsOf(config, "rowActions");
  return { ...config, rowActions: rows.map((one, index) => (index === Number(row) ? confirmed(one) : one)) };
}
