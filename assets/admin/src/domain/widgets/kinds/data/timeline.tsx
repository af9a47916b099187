import { plural, t } from "@lingui/core/macro";
import { useMemo, useState } from "react";
import type { JsonObject } from "@/lib/api/model";
import { columnFormat } from "@/lib/format/columns";
import { asDate, formatFigure } from "@/lib/format/figures";
import type { Row } from "@/lib/rows/cells";
import { seenColumns } from "../charts/options/shared";
import { isOn, rowsOf, textOf, type WidgetProps } from "../config";
import { Hint } from "../hint";
import { useShown } from "../shown";
import { listRole, selectable, useListStop } from "./selectable";
import classes from "./lists.module.css";

const PAGE = 100;

/** Sorts rows by time; those without one come last. */
export function inTime(config: JsonObject, rows: readonly Row[]): Row[] {
  const field = textOf(config, "time");
  const direction = isOn(config, "oldestFirst") ? 1 : -1;
  const timed = rows.map((row) => ({ row, at: asDate(row[field])?.getTime() ?? null }));
  timed.sort((a, b) =>
    a.at === null || b.at === null
      ? Number(a.at === null) - Number(b.at === null)
      : direction * (a.at - b.at),
  );
  return timed.map(({ row }) => row);
}

export function TimelineWidget({ config, result, id, onSelect, isSelected }: WidgetProps) {
  const [shown, setShown] = useState(PAGE);
  const [time, title, text, tag] = ["time", "title", "text", "tag"].map((name) => textOf(config, name)) as [
    string,
    string,
    string,
    string,
  ];
  const { rows, named } = useMemo(() => {
    const { rows: found, columns } = rowsOf(result);
    const labels = Object.fromEntries(
      [title, text, tag].map((field) => [field, columnFormat(columns, field, found).text]),
    );
    return {
      rows: inTime(config, found),
      named: (row: Row, field: string) => labels[field]?.(row[field]) ?? "",
    };
  }, [config, result, title, text, tag]);
  useShown(
    id,
    useMemo(
      () => ({ columns: seenColumns(config, ["time", "title", "text", "tag"], []), rows }),
      [config, rows],
    ),
  );
  const stop = useListStop(Math.min(shown, rows.length), onSelect);
  if (!time || !title) return <Hint text={t`Select the time and title columns.`} />;
  return (
    <div className={classes.scroll} {...stop} role="group" aria-label={t`Timeline`}>
      <ol className={classes.timeline} {...listRole(onSelect, t`Timeline`)}>
        {rows.slice(0, shown).map((row, index) => (
          <li
            key={index}
            {...selectable(row, index, { onSelect, isSelected })}
            className={onSelect && classes.selectable}
          >
            <time
              dateTime={asDate(row[time])?.toISOString()}
              title={formatFigure(row[time], { format: "datetime" })}
            >
              {formatFigure(row[time], {
                format: /^\d{4}-\d\d-\d\d$/.test(String(row[time])) ? "date" : "datetime",
              })}
            </time>
            <div className={classes.momentTitle}>
              {named(row, title)}
              {tag && row[tag] !== null && row[tag] !== undefined && (
                <span className={classes.tag}>{named(row, tag)}</span>
              )}
            </div>
            {text && row[text] !== null && row[text] !== undefined && (
              <div className={classes.momentText}>{named(row, text)}</div>
            )}
          </li>
        ))}
      </ol>
      {rows.length > shown && (
        <button type="button" className={classes.more} onClick={() => setShown(shown + PAGE)}>
          {plural(Math.min(PAGE, rows.length - shown), { one: "Show # more", other: "Show # more" })}
        </button>
      )}
    </div>
  );
}
