import { t } from "@lingui/core/macro";
import type { JsonObject } from "@/lib/api/model";
import { isObject } from "@/lib/is-object";
import { textOf } from "../config";

/** An action, as it is stored in a config. */
export interface Action {
  type: "query" | "workflow";
  id: string;
  values: JsonObject;
}

/** Null until an action is selected. */
export function actionOf(value: unknown): Action | null {
  if (!isObject(value)) return null;
  const type = value["type"] === "workflow" ? "workflow" : "query";
  const id = textOf(value, type === "workflow" ? "workflowID" : "queryID");
  return id ? { type, id, values: isObject(value["values"]) ? value["values"] : {} } : null;
}

/** The permission that the action requires. */
const permissionFor = ({ type }: Action): string =>
  type === "workflow" ? "workflow:execute" : "dataquery:execute";

/** Why the reader cannot use it; null if they can. */
export function refusalOf(action: Action, can: (permission: string) => boolean): string | null {
  if (can(permissionFor(action))) return null;
  return action.type === "workflow" ? t`Your role cannot start workflows.` : t`Your role cannot run queries.`;
}

const FORM = /^\{\{\s*form\.([\p{L}\p{N}_]+)\s*\}\}$/u;

/** Returns the form field that an action's value comes from: an error of the value is shown there. */
export function fieldBehind(action: Action, path: string): string | null {
  const name = /^(?:parameters|input)\.([^.[]+)/.exec(path)?.[1] ?? path.split(/[.[]/)[0] ?? "";
  const value = action.values[name];
  return typeof value === "string" ? (FORM.exec(value.trim())?.[1] ?? null) : null;
}
