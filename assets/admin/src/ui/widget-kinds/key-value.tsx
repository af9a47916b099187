import type { JsonObject } from "@/lib/api/model";
import { cellText } from "@/lib/cells";
import { formatFigure } from "@/lib/figures";
import { marksOf, pickRow, rowsOf, styleOf, type WidgetProps } from "./config";
import classes from "./widget-kinds.module.css";

export function KeyValueWidget({ config, result }: WidgetProps) {
  const { rows, columns } = rowsOf(result);
  const row = pickRow(config, rows) ?? {};
  const chosen = marksOf(config, "fields");
  const fields = chosen.length ? chosen : columns.map(({ name }) => ({ field: name, label: name, config: {} as JsonObject }));
  return (
    <div className={classes.scroll} tabIndex={0} role="group" aria-label="Details">
      <dl className={classes.details}>
        {fields.map(({ field, label, config: own }, index) => (
          <div key={index}>
            <dt>{label}</dt>
            <dd>{own["format"] === undefined && typeof row[field] === "object" && row[field] !== null ? cellText(row[field]) : formatFigure(row[field], styleOf(own))}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
