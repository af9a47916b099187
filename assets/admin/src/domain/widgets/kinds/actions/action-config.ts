import { t } from "@lingui/core/macro";
import type { JsonObject } from "@/lib/api/model";
import { isObject } from "@/lib/is-object";
import { conditionsOf, type Condition } from "@/lib/rows/conditions";
import { isOn, objectsOf, textOf } from "../config";
import { destinationOf, type Destination } from "../destination";

/** An action, as it is stored in a config. */
export interface Action {
  type: "query" | "workflow";
  id: string;
  values: JsonObject;
  /** Whether the actions after it run even if it changes no rows. */
  mayChangeNothing?: boolean;
  /** Where it is in the widget's config: dashboards run actions by their place. */
  path: string;
}

/** What happens after an action succeeded. */
export interface AfterAction {
  /** The widgets to reload; all if empty. */
  refresh: string[];
  keepOpen: boolean;
  clearSelection: boolean;
  open: Destination | null;
}

/** What pressing a button does: it runs actions on the server, or opens something. */
export interface ActionPlan {
  /** Null if it opens something. */
  action: Action | null;
  to: Destination | null;
  /** The actions that run after it, each if the one before it succeeded. */
  then: Action[];
  /** The message on success; empty for the usual one. */
  done: string;
  after: AfterAction;
  when: Condition[];
  disabledWhen: Condition[];
}

const afterOf = (value: JsonObject): AfterAction => ({
  refresh: Array.isArray(value["refresh"]) ? value["refresh"].filter((id) => typeof id === "string") : [],
  keepOpen: isOn(value, "keepOpen"),
  clearSelection: isOn(value, "clearSelection"),
  open: destinationOf(value["open"]),
});

/** Returns what a button, a form or a row action does; null until that is selected. `path` is its own in the config. */
export function planOf(config: JsonObject, path = "config"): ActionPlan | null {
  const given = config["action"];
  const action = actionOf(given, `${path}.action`);
  const to = isObject(given) && given["type"] === "open" ? destinationOf(given["to"]) : null;
  if (!action && !to) return null;
  const then = objectsOf(config, "then").map((one, index) => actionOf(one, `${path}.then[${String(index)}]`));
  return {
    action,
    to,
    then: then.filter((one) => one !== null),
    done: textOf(config, "done"),
    after: afterOf(isObject(config["after"]) ? config["after"] : {}),
    when: conditionsOf(config["when"]),
    disabledWhen: conditionsOf(config["disabledWhen"]),
  };
}

/** Null until something is selected that runs. */
export function actionOf(value: unknown, path = "config.action"): Action | null {
  if (!isObject(value) || value["type"] === "open") return null;
  const type = value["type"] === "workflow" ? "workflow" : "query";
  const id = textOf(value, type === "workflow" ? "workflowID" : "queryID");
  if (!id) return null;
  const values = isObject(value["values"]) ? value["values"] : {};
  return { type, id, values, path, ...(isOn(value, "mayChangeNothing") ? { mayChangeNothing: true } : {}) };
}

/** The permission that the action requires. */
const permissionFor = ({ type }: Action): string =>
  type === "workflow" ? "workflow:execute" : "dataquery:execute";

/** Why the reader cannot use it; null if they can. On a dashboard, the permission to use dashboards is enough. */
export function refusalOf(
  action: Action,
  can: (permission: string) => boolean,
  onDashboard = false,
): string | null {
  if (can(permissionFor(action)) || (onDashboard && can("dashboard:use"))) return null;
  if (onDashboard) return t`Your role can only view dashboards.`;
  return action.type === "workflow" ? t`Your role cannot start workflows.` : t`Your role cannot run queries.`;
}

/** The labels of what an action's values come from. */
export interface ValueLabels {
  /** Of a field of the form, and of a column of the row, by name. */
  form?: (name: string) => string | undefined;
  row?: (name: string) => string | undefined;
  /** Of a variable. */
  vars?: (name: string) => string | undefined;
  /** Of the only value, such as a cell. */
  value?: string;
}

const SOURCE = /^\{\{\s*(?:(form|row|vars)(?:\.([\p{L}\p{N}_]+)|\["([^"]+)"\])|(value))\s*\}\}$/u;
/** The paths of values in an error, by where they come from. */
const NAMED = /^(form|variables)\.([^.[]+)/;

/** Returns the label of what the value at a path of an error comes from; null if it has none. */
export function labelBehind(action: Action | undefined, path: string, labels: ValueLabels): string | null {
  const [, place, given] = NAMED.exec(path) ?? [];
  if (place === "form") return labels.form?.(given ?? "") ?? null;
  if (place === "variables") return labels.vars?.(given ?? "") ?? null;
  const value = action?.values[valueAt(path)];
  const [, root, plain, quoted, alone] = (typeof value === "string" && SOURCE.exec(value.trim())) || [];
  if (alone) return labels.value ?? null;
  return (root && labels[root as "form" | "row" | "vars"]?.(plain ?? quoted ?? "")) || null;
}

/** Returns the name of the value at a path of an error. */
const valueAt = (path: string): string =>
  /^(?:parameters|input|values)\.([^.[]+)/.exec(path)?.[1] ?? path.split(/[.[]/)[0] ?? "";

const FORM = /^\{\{\s*form\.([\p{L}\p{N}_]+)\s*\}\}$/u;

/** Returns the form field that an action's value comes from: an error of the value is shown there. */
export function fieldBehind(action: Action, path: string): string | null {
  const entered = /^form\.([^.[]+)/.exec(path)?.[1];
  if (entered) return entered;
  const value = action.values[valueAt(path)];
  return typeof value === "string" ? (FORM.exec(value.trim())?.[1] ?? null) : null;
}
