import { plural, t } from "@lingui/core/macro";
import { IconChevronRight } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { columnFormat, type ColumnFormat } from "@/lib/format/columns";
import type { Row } from "@/lib/rows/cells";
import { rovingRow } from "@/ui/data-grid/roving-rows";
import { seenColumns } from "../charts/options/shared";
import { ownStyle, rowsOf, safeAddress, textOf, type WidgetProps } from "../config";
import { Hint } from "../hint";
import { useShown } from "../shown";
import { listRole, selectable, useListStop } from "./selectable";
import classes from "./lists.module.css";

/** Number of lines shown at first, and added on demand. */
const PAGE = 100;

interface Fields {
  title: string;
  subtitle: string;
  detail: string;
  link: string;
  format: ColumnFormat;
  titleOf: (value: unknown) => string;
  subtitleOf: (value: unknown) => string;
}

export function ListWidget({ config, result, id, onSelect, isSelected }: WidgetProps) {
  const [shown, setShown] = useState(PAGE);
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const fields: Fields = useMemo(() => {
    const [title, subtitle, detail] = [
      textOf(config, "title"),
      textOf(config, "subtitle"),
      textOf(config, "detail"),
    ];
    const named = (field: string) => columnFormat(columns, field, rows).text;
    return {
      title,
      subtitle,
      detail,
      link: textOf(config, "link"),
      format: columnFormat(columns, detail, rows, ownStyle(config)),
      titleOf: named(title),
      subtitleOf: named(subtitle),
    };
  }, [config, rows, columns]);
  useShown(
    id,
    useMemo(
      () => ({ columns: seenColumns(config, ["title", "subtitle"], ["detail"]), rows }),
      [config, rows],
    ),
  );
  const stop = useListStop(Math.min(shown, rows.length), onSelect && !fields.link);
  if (!fields.title) return <Hint text={t`Select the title column.`} />;
  return (
    <div className={classes.scroll} {...stop} role="group" aria-label={t`List`}>
      <ul className={classes.list} {...listRole(onSelect && !fields.link, t`List`)}>
        {rows.slice(0, shown).map((row, index) =>
          onSelect && !fields.link ? (
            <li
              key={index}
              {...selectable(row, index, { onSelect, isSelected })}
              className={`${classes.line} ${classes.selectable}`}
            >
              <Words row={row} fields={fields} opens />
            </li>
          ) : (
            <li key={index} {...rovingRow(index)}>
              <Line row={row} fields={fields} onSelect={onSelect} isSelected={isSelected} />
            </li>
          ),
        )}
      </ul>
      {rows.length > shown && (
        <button type="button" className={classes.more} onClick={() => setShown(shown + PAGE)}>
          {plural(Math.min(PAGE, rows.length - shown), { one: "Show # more", other: "Show # more" })}
        </button>
      )}
    </div>
  );
}

/** The texts of a line; `opens` if it leads somewhere. */
function Words({ row, fields, opens }: { row: Row; fields: Fields; opens: boolean }) {
  return (
    <>
      <span className={classes.lineWords}>
        <span className={classes.lineTitle}>{fields.titleOf(row[fields.title])}</span>
        {fields.subtitle && (
          <span className={classes.lineSub}>{fields.subtitleOf(row[fields.subtitle])}</span>
        )}
      </span>
      {fields.detail && (
        <span
          className={classes.lineDetail}
          data-tone={fields.format.isStatus ? fields.format.tone(row[fields.detail]) : undefined}
        >
          {fields.format.text(row[fields.detail])}
        </span>
      )}
      {opens && <IconChevronRight size={14} aria-hidden />}
    </>
  );
}

interface LineProps extends Pick<WidgetProps, "onSelect" | "isSelected"> {
  row: Row;
  fields: Fields;
}

function Line({ row, fields, onSelect, isSelected }: LineProps) {
  const address = fields.link ? safeAddress(row[fields.link]) : null;
  const words = <Words row={row} fields={fields} opens={address !== null || onSelect !== undefined} />;
  if (address) {
    return (
      <a
        className={classes.line}
        href={address}
        {...(address.startsWith("/") ? {} : { target: "_blank", rel: "noopener noreferrer" })}
      >
        {words}
      </a>
    );
  }
  if (!onSelect) return <div className={classes.line}>{words}</div>;
  return (
    <button
      type="button"
      className={classes.line}
      aria-pressed={isSelected?.(row) ?? false}
      onClick={() => onSelect(row)}
    >
      {words}
    </button>
  );
}
