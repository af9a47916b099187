import { plural, t } from "@lingui/core/macro";
import { IconChevronRight } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { formatFigure, type FigureStyle } from "@/lib/format/figures";
import { categoriesOf } from "@/lib/rows/categories";
import type { Row } from "@/lib/rows/cells";
import { seenColumns } from "../charts/options/shared";
import { rowsOf, safeAddress, styleOf, textOf, type WidgetProps } from "../config";
import { Hint } from "../hint";
import { useShown } from "../shown";
import classes from "./lists.module.css";

/** Number of lines shown at first, and added on demand. */
const PAGE = 100;

interface Fields {
  title: string;
  subtitle: string;
  detail: string;
  link: string;
  style: FigureStyle;
  titleOf: (value: unknown) => string;
  subtitleOf: (value: unknown) => string;
}

export function ListWidget({ config, result, id, onSelect }: WidgetProps) {
  const [shown, setShown] = useState(PAGE);
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const fields: Fields = useMemo(() => {
    const [title, subtitle, detail] = [
      textOf(config, "title"),
      textOf(config, "subtitle"),
      textOf(config, "detail"),
    ];
    const named = (field: string) => categoriesOf(rows, field, columns).labelOf;
    return {
      title,
      subtitle,
      detail,
      link: textOf(config, "link"),
      style: styleOf(config, detail),
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
  if (!fields.title) return <Hint text={t`Select the title column.`} />;
  return (
    <div className={classes.scroll} tabIndex={0} role="group" aria-label={t`List`}>
      <ul className={classes.list}>
        {rows.slice(0, shown).map((row, index) => (
          <li key={index}>
            <Line row={row} fields={fields} onSelect={onSelect} />
          </li>
        ))}
      </ul>
      {rows.length > shown && (
        <button type="button" className={classes.more} onClick={() => setShown(shown + PAGE)}>
          {plural(Math.min(PAGE, rows.length - shown), { one: "Show # more", other: "Show # more" })}
        </button>
      )}
    </div>
  );
}

function Line({ row, fields, onSelect }: { row: Row; fields: Fields; onSelect: WidgetProps["onSelect"] }) {
  const address = fields.link ? safeAddress(row[fields.link]) : null;
  const words = (
    <>
      <span className={classes.lineWords}>
        <span className={classes.lineTitle}>{fields.titleOf(row[fields.title])}</span>
        {fields.subtitle && (
          <span className={classes.lineSub}>{fields.subtitleOf(row[fields.subtitle])}</span>
        )}
      </span>
      {fields.detail && (
        <span className={classes.lineDetail}>{formatFigure(row[fields.detail], fields.style)}</span>
      )}
      {(address || onSelect) && <IconChevronRight size={14} aria-hidden />}
    </>
  );
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
    <button type="button" className={classes.line} onClick={() => onSelect(row)}>
      {words}
    </button>
  );
}
