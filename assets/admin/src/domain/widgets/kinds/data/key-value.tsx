import { t } from "@lingui/core/macro";
import { useMemo } from "react";
import type { JsonObject } from "@/lib/api/model";
import { columnFormat } from "@/lib/format/columns";
import { cellText } from "@/lib/rows/cells";
import { marksOf, ownStyle, pickRow, rowsOf, textOf, type WidgetProps } from "../config";
import { useShown } from "../shown";
import classes from "./lists.module.css";

/** Returns the exact value, if it is not what is shown. */
const exactOf = (value: unknown, words: string): string | undefined =>
  value === null || value === undefined || cellText(value) === words ? undefined : cellText(value);

export function KeyValueWidget({ config, result, id }: WidgetProps) {
  const { row, fields } = useMemo(() => {
    const { rows, columns } = rowsOf(result);
    const chosen = marksOf(config, "fields");
    const row = pickRow(config, rows) ?? {};
    const field = (name: string, own: JsonObject) => {
      // The one row decides how many digits are worth showing.
      const format = columnFormat(columns, name, [row], {
        ...ownStyle(own),
        label: textOf(own, "label") || undefined,
      });
      const tone = format.isStatus ? format.tone(row[name]) : undefined;
      return { field: name, label: format.label, words: format.text(row[name]), tone };
    };
    return {
      row,
      fields: chosen.length
        ? chosen.map((one) => field(one.field, one.config))
        : columns.map(({ name }) => field(name, {})),
    };
  }, [config, result]);
  useShown(
    id,
    useMemo(
      () => ({ columns: fields.map(({ field, label }) => ({ field, label, figure: false })), rows: [row] }),
      [fields, row],
    ),
  );
  return (
    <div className={classes.scroll} tabIndex={0} role="group" aria-label={t`Details`}>
      <dl className={classes.details}>
        {fields.map(({ field, label, words, tone }, index) => (
          <div key={index}>
            <dt>{label}</dt>
            <dd title={exactOf(row[field], words)} data-tone={tone}>
              {words}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
