import type { Datasource, DatasourceType } from "@/lib/api/model";
import { isObject } from "@/lib/is-object";
import { initialValue } from "@/lib/schema/schema-fields";

/** Whether apps can be created from the tables of a datasource. */
export const hasApps = ({ type }: Datasource, types: readonly DatasourceType[]): boolean =>
  types.some((one) => one.type === type && one.capabilities.edits);

/** Whether a datasource refuses changes. */
export function isReadOnly({ type, options }: Datasource, types: readonly DatasourceType[]): boolean {
  const schema = types.find((one) => one.type === type)?.optionsSchema;
  const standard = schema && initialValue(schema, schema);
  return { ...(isObject(standard) ? standard : {}), ...options }["readOnly"] === true;
}
