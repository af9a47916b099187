import { t } from "@lingui/core/macro";
import { isTrue } from "@/lib/format/columns";
import type { TableColumn } from "./table-columns";

export const isNothing = (value: unknown) => value === null || value === undefined || value === "";

/** Returns a cell's text. */
export const cellWords = ({ format }: Pick<TableColumn, "format">, value: unknown): string =>
  format.text(value).slice(0, 500);

/** Returns what a reader sees in a cell, as text: a check mark is "yes". */
export function shownWords(column: TableColumn, value: unknown): string {
  if (column.display === "check" && !isNothing(value)) return isTrue(value) ? t`yes` : t`no`;
  return cellWords(column, value);
}
