import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { IconArrowDownRight, IconArrowRight, IconArrowUpRight } from "@tabler/icons-react";
import { VisuallyHidden } from "@mantine/core";
import type { JsonObject } from "@/lib/api/model";
import { asNumber, formatFigure } from "@/lib/format/figures";
import type { Row } from "@/lib/rows/cells";
import { numberFormat } from "@/lib/format/intl";
import {
  isOn,
  pickRow,
  rowsOf,
  styleOf,
  textOf,
  thresholdAt,
  type Threshold,
  type WidgetProps,
} from "../config";
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

/** Returns the value to reach, of the shown row or a fixed one; null without one. */
export function goalOf(config: JsonObject, rows: readonly Row[]): unknown {
  const field = textOf(config, "goalField");
  const goal = field ? pickRow(config, rows)?.[field] : config["goal"];
  return asNumber(goal) === null ? null : goal;
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
  const threshold = thresholdAt(config, value);
  const goal = goalOf(config, rows);
  return (
    <div className={classes.number} data-spark={trend ? true : undefined}>
      <div className={classes.numberWords}>
        <div className={classes.figure} data-tone={threshold?.tone}>
          {formatFigure(value, style)}
          {unit && <span className={classes.unit}>{unit}</span>}
        </div>
        {(threshold?.label || goal !== null) && (
          <Standing
            threshold={threshold}
            share={shareOf(value, goal)}
            goal={goal === null ? null : formatFigure(goal, { ...style, unit })}
          />
        )}
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

/** Returns how much of a goal is reached, as a fraction; null if that says nothing. */
function shareOf(value: unknown, goal: unknown): number | null {
  const [is, wanted] = [asNumber(value), asNumber(goal)];
  return is === null || wanted === null || wanted <= 0 || is < 0 ? null : is / wanted;
}

interface StandingProps {
  threshold: Threshold | null;
  share: number | null;
  goal: string | null;
}

/** Says what the color of the value means, and how much of the goal is reached. */
function Standing({ threshold, share: reached, goal }: StandingProps) {
  const percent = reached === null ? null : formatFigure(reached, { format: "percent", decimals: 0 });
  return (
    <div className={classes.change}>
      {threshold?.label && (
        <span className={classes.share} data-tone={threshold.tone}>
          {threshold.label}
        </span>
      )}
      {goal !== null && (
        <span>
          {percent === null ? (
            <Trans>Goal: {goal}</Trans>
          ) : (
            <Trans>
              {percent} of the goal of {goal}
            </Trans>
          )}
        </span>
      )}
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
