import { t } from "@lingui/core/macro";
import { useMemo } from "react";
import type { JsonObject } from "@/lib/api/model";
import { formatFigure, type FigureStyle } from "@/lib/format/figures";
import { cellText } from "@/lib/rows/cells";
import { marksOf, pickRow, rowsOf, styleOf, type WidgetProps } from "../config";
import { useShown } from "../shown";
import classes from "./lists.module.css";

/** Values without a format are unchanged: an id is not an amount. */
function wordsOf(value: unknown, style: FigureStyle): string {
  if (value === null || value === undefined || value === "") return "–";
  return (style.format === undefined || style.format === "auto") && style.decimals === undefined
    ? cellText(value)
    : formatFigure(value, style);
}

export function KeyValueWidget({ config, result, id }: WidgetProps) {
  const { row, fields } = useMemo(() => {
    const { rows, columns } = rowsOf(result);
    const chosen = marksOf(config, "fields");
    return {
      row: pickRow(config, rows) ?? {},
      fields: chosen.length
        ? chosen
        : columns.map(({ name }) => ({ field: name, label: name, config: {} as JsonObject })),
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
        {fields.map(({ field, label, config: own }, index) => (
          <div key={index}>
            <dt>{label}</dt>
            <dd>{wordsOf(row[field], styleOf(own))}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
