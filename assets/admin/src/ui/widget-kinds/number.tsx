import { IconArrowDownRight, IconArrowRight, IconArrowUpRight } from "@tabler/icons-react";
import { asNumber, formatFigure } from "@/lib/figures";
import { rowsOf, styleOf, textOf, type WidgetProps } from "./config";
import { Hint } from "./hint";
import classes from "./widget-kinds.module.css";

/** The change from `before` to `now` as a share of `before`; null when there is nothing to compare with. */
export function changeOf(now: unknown, before: unknown): number | null {
  const [to, from] = [asNumber(now), asNumber(before)];
  return to === null || from === null || from === 0 ? null : (to - from) / Math.abs(from);
}

export function NumberWidget({ config, result }: WidgetProps) {
  const field = textOf(config, "field");
  const compareField = textOf(config, "compareField");
  const row = rowsOf(result).rows[0];
  if (!field) return <Hint text="Choose the column that holds the figure." />;
  const style = styleOf(config);
  const value = row?.[field];
  const number = style.format === undefined || style.format === "auto" ? asNumber(value) : null;
  return (
    <div className={classes.number}>
      <div className={classes.figure}>
        {formatFigure(number ?? value, style)}
        {textOf(config, "unit") && <span className={classes.unit}>{textOf(config, "unit")}</span>}
      </div>
      {compareField && <Change change={changeOf(value, row?.[compareField])} before={formatFigure(row?.[compareField], style)} />}
    </div>
  );
}

function Change({ change, before }: { change: number | null; before: string }) {
  // What is written as 0 % is drawn as no change.
  const Arrow = change === null || Math.abs(change) < 0.0005 ? IconArrowRight : change > 0 ? IconArrowUpRight : IconArrowDownRight;
  const share = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1, signDisplay: "exceptZero" });
  return (
    <div className={classes.change}>
      {change !== null && (
        <span className={classes.share}>
          <Arrow size={14} aria-hidden />
          {share.format(change)}
        </span>
      )}
      <span>{before} before</span>
    </div>
  );
}
