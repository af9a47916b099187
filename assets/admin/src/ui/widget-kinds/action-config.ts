import { t } from "@lingui/core/macro";
import type { JsonObject } from "@/lib/api/model";
import { isObject, textOf } from "./config";

/** What a press starts, as it stands in a config. */
export interface Action {
  type: "query" | "workflow";
  id: string;
  values: JsonObject;
}

/** Null while nothing is chosen to start. */
export function actionOf(value: unknown): Action | null {
  if (!isObject(value)) return null;
  const type = value["type"] === "workflow" ? "workflow" : "query";
  const id = textOf(value, type === "workflow" ? "workflowID" : "queryID");
  return id ? { type, id, values: isObject(value["values"]) ? value["values"] : {} } : null;
}

/** Which permission it takes to press. */
export const permissionFor = ({ type }: Action): string => (type === "workflow" ? "workflow:execute" : "dataquery:execute");

/** Why somebody may not press; null for who may. */
export function refusalOf(action: Action, can: (permission: string) => boolean): string | null {
  if (can(permissionFor(action))) return null;
  return action.type === "workflow" ? t`Your role cannot start workflows.` : t`Your role cannot run queries.`;
}

const FORM = /^\{\{\s*form\.([\p{L}\p{N}_]+)\s*\}\}$/u;

/** The field of a form that a value of the action is taken from: a refused value is shown there. */
export function fieldBehind(action: Action, path: string): string | null {
  const name = /^(?:parameters|input)\.([^.[]+)/.exec(path)?.[1] ?? path.split(/[.[]/)[0] ?? "";
  const value = action.values[name];
  return typeof value === "string" ? (FORM.exec(value.trim())?.[1] ?? null) : null;
}

