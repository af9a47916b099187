import { t } from "@lingui/core/macro";
import { asDate, formatFigure } from "@/lib/format/figures";
import { cellText } from "@/lib/rows/cells";
import { dateFormat } from "@/lib/format/intl";
import type { TableColumn } from "./table-columns";

const moments = dateFormat({ dateStyle: "medium", timeStyle: "medium" });

export const isNothing = (value: unknown) => value === null || value === undefined || value === "";

/** Returns a cell's text. */
export function cellWords({ style, moment }: Pick<TableColumn, "style" | "moment">, value: unknown): string {
  if (isNothing(value)) return "–";
  const plain = style.format === undefined || (style.format === "auto" && style.decimals === undefined);
  if (!plain) return formatFigure(value, style);
  const date = moment ? asDate(value) : null;
  return date ? moments.format(date) : cellText(value).slice(0, 500);
}

/** Whether a value is true in a checkbox column. */
export const isTicked = (value: unknown): boolean =>
  value === true || value === 1 || /^(true|t|yes|1)$/i.test(String(value));

/** Returns what a reader sees in a cell, as text: a check mark is "yes". */
export function shownWords(column: TableColumn, value: unknown): string {
  if (column.display === "check" && !isNothing(value)) return isTicked(value) ? t`yes` : t`no`;
  return cellWords(column, value);
}
