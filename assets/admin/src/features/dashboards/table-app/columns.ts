import type { Datasource, DatasourceType, SchemaTable } from "@/lib/api/model";
import { isObject } from "@/lib/is-object";
import { initialValue } from "@/lib/schema/schema-fields";

type TableColumn = SchemaTable["columns"][number];

/** Whether an app can show a column: bytes and shapes have no text. */
export const isShowable = ({ type }: TableColumn): boolean =>
  !/blob|binary|bytea|^bit\b|^bit\(|point|linestring|polygon|geometry/i.test(type);

/** Whether a new row cannot be added without a value for this column. */
export const isNeeded = ({ nullable, default: standard, generated }: TableColumn): boolean =>
  !nullable && !generated && (standard === null || standard === undefined);

/** The columns that are selected at first. */
export const firstColumns = ({ columns }: SchemaTable, most = 40): string[] =>
  columns
    .filter(isShowable)
    .slice(0, most)
    .map(({ name }) => name);

/** Whether the rows of a table can be told apart, and so be changed. */
export const hasKey = ({ columns }: SchemaTable): boolean => columns.some(({ primaryKey }) => primaryKey);

/** Returns a name for the app: "order_items" becomes "Order items". */
export function appName({ name }: SchemaTable): string {
  const words = name.replace(/_+/g, " ").trim() || name;
  return words.replace(/^./u, (letter) => letter.toUpperCase());
}

/** Whether apps can be created from the tables of a datasource. */
export const hasApps = ({ type }: Datasource, types: readonly DatasourceType[]): boolean =>
  types.some((one) => one.type === type && one.capabilities.edits);

/** Whether a datasource refuses changes. */
export function isReadOnly({ type, options }: Datasource, types: readonly DatasourceType[]): boolean {
  const schema = types.find((one) => one.type === type)?.optionsSchema;
  const standard = schema && initialValue(schema, schema);
  return { ...(isObject(standard) ? standard : {}), ...options }["readOnly"] === true;
}
