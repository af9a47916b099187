import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { IconArrowDownRight, IconArrowRight, IconArrowUpRight } from "@tabler/icons-react";
import { VisuallyHidden } from "@mantine/core";
import type { JsonObject } from "@/lib/api/model";
import { asNumber, formatFigure } from "@/lib/format/figures";
import type { Row } from "@/lib/rows/cells";
import { numberFormat } from "@/lib/format/intl";
import { isOn, pickRow, rowsOf, styleOf, textOf, type WidgetProps } from "../config";
import { Hint } from "../hint";
import classes from "../widget-kinds.module.css";
import { Sparkline } from "./sparkline";

/** Returns the change from `before` to `now` as a fraction of `before`; null if there is nothing to compare with. */
export function changeOf(now: unknown, before: unknown): number | null {
  const [to, from] = [asNumber(now), asNumber(before)];
  return to === null || from === null || from === 0 ? null : (to - from) / Math.abs(from);
}

/** Returns the comparison value: another column of the same row, or the same column of the previous row. */
export function beforeOf(config: JsonObject, rows: readonly Row[]): { value: unknown } | null {
  const compareField = textOf(config, "compareField");
  if (compareField) return { value: pickRow(config, rows)?.[compareField] };
  if (!isOn(config, "compareRow") || rows.length < 2) return null;
  return { value: (config["row"] === "last" ? rows.at(-2) : rows[1])?.[textOf(config, "field")] };
}

export function NumberWidget({ config, result }: WidgetProps) {
  const field = textOf(config, "field");
  if (!field) return <Hint text={t`Select the value column.`} />;
  const { rows, columns } = rowsOf(result);
  // A single value is an amount, also if an exact one arrived as text.
  const { unit, ...style } = { ...styleOf(config, field, columns), spoken: true };
  const value = pickRow(config, rows)?.[field];
  const before = beforeOf(config, rows);
  const trend = textOf(config, "trendField");
  return (
    <div className={classes.number} data-spark={trend ? true : undefined}>
      <div className={classes.numberWords}>
        <div className={classes.figure}>
          {formatFigure(value, style)}
          {unit && <span className={classes.unit}>{unit}</span>}
        </div>
        {before && (
          <Change
            change={changeOf(value, before.value)}
            before={formatFigure(before.value, style)}
            better={textOf(config, "better")}
          />
        )}
      </div>
      {trend && <Sparkline values={rows.map((row) => asNumber(row[trend]))} />}
    </div>
  );
}

const share = numberFormat({
  style: "percent",
  maximumFractionDigits: 1,
  signDisplay: "exceptZero",
});

function Change({ change, before, better }: { change: number | null; before: string; better: string }) {
  // A change that is formatted as 0 % is shown as no change.
  const flat = change === null || Math.abs(change) < 0.0005;
  const Arrow = flat ? IconArrowRight : change > 0 ? IconArrowUpRight : IconArrowDownRight;
  const written = change === null ? "" : share.format(change);
  const judged = !flat && (better === "higher" || better === "lower");
  const good = judged && change > 0 === (better === "higher");
  return (
    <div className={classes.change}>
      {change !== null && (
        <span className={classes.share} data-tone={judged ? (good ? "green" : "red") : undefined}>
          <Arrow size={14} aria-hidden />
          {!judged ? (
            written
          ) : good ? (
            <Trans>
              {written}
              <VisuallyHidden>, better</VisuallyHidden>
            </Trans>
          ) : (
            <Trans>
              {written}
              <VisuallyHidden>, worse</VisuallyHidden>
            </Trans>
          )}
        </span>
      )}
      <span>
        <Trans>Previous: {before}</Trans>
      </span>
    </div>
  );
}
