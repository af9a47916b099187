import { t } from "@lingui/core/macro";
import type { DataQuery, JsonObject, Parameter, Workflow } from "@/lib/api/model";
import { isObject } from "@/lib/is-object";
import { joinPath, type FieldErrors } from "@/lib/schema/paths";

/** What an action runs. */
type Runs = Pick<DataQuery, "parameters"> & { changesData?: boolean };

/** Returns the query or the workflow with an ID; undefined while it is not loaded. */
export type FindRuns = (kind: "dataquery" | "workflow", id: string) => Runs | Workflow | undefined;

/**
 * Whether an action must set a parameter: the result of a query that changes data must not depend on a value that was
 * left out.
 */
export const needsValue = ({ required, default: standard }: Parameter, changesData: boolean): boolean =>
  (required || changesData) && (standard === null || standard === undefined);

const isEmpty = (value: unknown) => value === undefined || value === null || value === "";

/** Returns an error for each value that an action of a widget lacks, by its path. */
export function missingValues(value: unknown, find: FindRuns, path = "config"): FieldErrors {
  if (Array.isArray(value))
    return Object.assign({}, ...value.map((one, at) => missingValues(one, find, joinPath(path, at))));
  if (!isObject(value)) return {};
  const { type, queryID, workflowID, values } = value as JsonObject;
  const [kind, id] =
    type === "workflow" ? (["workflow", workflowID] as const) : (["dataquery", queryID] as const);
  if ((type === "query" || type === "workflow") && typeof id === "string") {
    const runs = find(kind, id);
    const given = isObject(values) ? values : {};
    const parameters = !runs ? [] : "parameters" in runs ? runs.parameters : runs.inputs;
    const changesData = runs !== undefined && "changesData" in runs && runs.changesData === true;
    const missing = parameters.filter((one) => needsValue(one, changesData) && isEmpty(given[one.name]));
    const at = joinPath(path, "values");
    return Object.fromEntries(missing.map(({ name }) => [joinPath(at, name), t`This field is required.`]));
  }
  const nested = Object.entries(value).map(([key, one]) => missingValues(one, find, joinPath(path, key)));
  return Object.assign({}, ...nested);
}
