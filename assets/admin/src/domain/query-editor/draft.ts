import type { DataQuery, DataQueryDraft, DatasourceType, JsonObject, Parameter } from "@/lib/api/model";
import { plainQuery } from "@/lib/api/subjects/data-queries";
import { isEqual } from "@/lib/schema/merge-patch";
import { initialValue } from "@/lib/schema/schema-fields";

export const queryDraftOf = ({
  name,
  description,
  datasourceID,
  options,
  parameters,
  columns,
  transformer,
  cacheSeconds,
  timeoutMs,
  maxRows,
  runOnLoad,
  effect,
}: DataQuery): DataQueryDraft => ({
  name,
  description,
  datasourceID,
  options,
  parameters,
  columns,
  transformer,
  cacheSeconds,
  timeoutMs,
  maxRows,
  runOnLoad,
  effect,
});

export function newQueryDraft(datasourceID: string, type: DatasourceType): DataQueryDraft {
  return { ...plainQuery(datasourceID, ""), options: initialOptions(type), effect: null };
}

export function initialOptions(type: DatasourceType): JsonObject {
  return {
    ...(speaksSql(type) ? { sql: "" } : {}),
    ...((initialValue(type.queryOptionsSchema, type.queryOptionsSchema) ?? {}) as JsonObject),
  };
}

/** Whether its queries consist of one SQL text. */
export const speaksSql = (type: DatasourceType): boolean => type.capabilities.sql === true;

export const sqlOf = ({ options }: Pick<DataQueryDraft, "options">): string =>
  typeof options["sql"] === "string" ? options["sql"] : "";

/** What a result depends on. */
const decisive = ["datasourceID", "options", "parameters", "transformer", "maxRows"] as const;

/** Whether a result was produced by another version of the query, or with other values, than the editor holds. */
export function isOutdated(
  run: { asked: { draft: DataQueryDraft; parameters: JsonObject } | null; parameters: JsonObject },
  draft: DataQueryDraft,
): boolean {
  const { asked, parameters } = run;
  if (!asked) return false;
  return (
    decisive.some((field) => !isEqual(asked.draft[field], draft[field])) ||
    !isEqual(asked.parameters, parameters)
  );
}

export function newParameter(name: string): Parameter {
  return { name, type: "string", required: false, default: null, description: "", allowed: [] };
}

/** Returns a name that no parameter has yet. */
export function freeParameterName(parameters: readonly Parameter[]): string {
  for (let number = parameters.length + 1; ; number += 1) {
    const name = `param${number}`;
    if (!parameters.some((parameter) => parameter.name === name)) return name;
  }
}

/** Whether a required parameter has neither a value nor a default: the query is refused. */
export const lacksValue = (parameters: readonly Parameter[], given: JsonObject) =>
  parameters.some(
    ({ name, required, default: standard }) => required && (given[name] ?? standard ?? null) === null,
  );

/** Returns the test values that a widget of the query keeps: those that differ from the defaults. */
export function keptValues(parameters: readonly Parameter[], values: JsonObject): JsonObject {
  const kept = parameters.filter(
    ({ name, default: standard }) => (values[name] ?? null) !== null && !isEqual(values[name], standard),
  );
  return Object.fromEntries(kept.map(({ name }) => [name, values[name]]));
}

/** Returns the test values to send: those of declared parameters. */
export function givenValues(parameters: readonly Parameter[], values: JsonObject): JsonObject {
  return Object.fromEntries(
    parameters.filter(({ name }) => values[name] !== undefined).map(({ name }) => [name, values[name]]),
  );
}
