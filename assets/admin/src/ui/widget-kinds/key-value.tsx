import { t } from "@lingui/core/macro";
import type { JsonObject } from "@/lib/api/model";
import { cellText } from "@/lib/cells";
import { formatFigure, type FigureStyle } from "@/lib/figures";
import { marksOf, pickRow, rowsOf, styleOf, type WidgetProps } from "./config";
import classes from "./lists.module.css";

/** What has no format stands as it came: an id is no amount. */
function wordsOf(value: unknown, style: FigureStyle): string {
  if (value === null || value === undefined || value === "") return "–";
  return (style.format === undefined || style.format === "auto") && style.decimals === undefined ? cellText(value) : formatFigure(value, style);
}

export function KeyValueWidget({ config, result }: WidgetProps) {
  const { rows, columns } = rowsOf(result);
  const row = pickRow(config, rows) ?? {};
  const chosen = marksOf(config, "fields");
  const fields = chosen.length ? chosen : columns.map(({ name }) => ({ field: name, label: name, config: {} as JsonObject }));
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
