import { t } from "@lingui/core/macro";
import type { JsonObject } from "@/lib/api/model";
import { isObject } from "@/lib/is-object";
import { textOf } from "../config";

/** An action, as it is stored in a config. */
export interface Action {
  type: "query" | "workflow";
  id: string;
  values: JsonObject;
  /** Where it is in the widget's config: dashboards run actions by their place. */
  path: string;
}

/** Null until an action is selected. */
export function actionOf(value: unknown, path = "config.action"): Action | null {
  if (!isObject(value)) return null;
  const type = value["type"] === "workflow" ? "workflow" : "query";
  const id = textOf(value, type === "workflow" ? "workflowID" : "queryID");
  return id ? { type, id, values: isObject(value["values"]) ? value["values"] : {}, path } : null;
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
  if (onDashboard) return t`Your role cannot use dashboards.`;
  return action.type === "workflow" ? t`Your role cannot start workflows.` : t`Your role cannot run queries.`;
}

const FORM = /^\{\{\s*form\.([\p{L}\p{N}_]+)\s*\}\}$/u;

/** Returns the form field that an action's value comes from: an error of the value is shown there. */
export function fieldBehind(action: Action, path: string): string | null {
  const entered = /^form\.([^.[]+)/.exec(path)?.[1];
  if (entered) return entered;
  const name = /^(?:parameters|input|values)\.([^.[]+)/.exec(path)?.[1] ?? path.split(/[.[]/)[0] ?? "";
  const value = action.values[name];
  return typeof value === "string" ? (FORM.exec(value.trim())?.[1] ?? null) : null;
}
