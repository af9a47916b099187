import type { SchemaTable } from "@/lib/api/model";

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
