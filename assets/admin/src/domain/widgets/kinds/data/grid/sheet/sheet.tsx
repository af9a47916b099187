import { t } from "@lingui/core/macro";
import { VisuallyHidden } from "@mantine/core";
import { defaultRangeExtractor, useVirtualizer, type Range } from "@tanstack/react-virtual";
import { useCallback, useEffect, useId, useMemo, useRef } from "react";
import { widthOf } from "@/lib/rows/cells";
import { printValue } from "../draft/cell-values";
import type { Conflict } from "../draft/grid-changes";
import type { Line } from "../draft/grid-draft";
import type { GridField } from "../draft/grid-fields";
import classes from "../grid.module.css";
import type { SheetActions } from "./sheet-actions";
import { SheetRow } from "./sheet-row";
import { useSheetKeys } from "./sheet-keys";
import type { Place, Selection } from "./selection";

/** The width of the column with the states of the rows. */
const STATE = 44;
/** The height of the head, which stays over the rows. */
const HEAD = 30;

export interface SheetProps {
  label: string;
  fields: readonly GridField[];
  lines: readonly Line[];
  rowHeight: number;
  problems: Readonly<Record<string, string>>;
  conflicts: Readonly<Record<string, Conflict>>;
  selection: Selection;
  onSelection: (selection: Selection) => void;
  actions: SheetActions;
}

/** A virtualized grid of editable cells that works like a spreadsheet. */
export function Sheet(props: SheetProps) {
  const { label, fields, lines, rowHeight, problems, conflicts, selection } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const prefix = useId();
  const { template, width } = useMemo(() => templateOf(fields, lines), [fields, lines]);
  const { focus } = selection;
  // The row with the focus stays in the page, so that scrolling does not end what is being entered.
  const rangeExtractor = useCallback(
    (range: Range) => {
      const kept = focus.row < range.count ? [focus.row] : [];
      return [...new Set([...defaultRangeExtractor(range), ...kept])].sort((a, b) => a - b);
    },
    [focus.row],
  );
  // The virtualizer's functions change with every scroll; nothing here is memoized.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollPaddingStart: HEAD,
    rangeExtractor,
  });
  const reveal = ({ row, column }: Place) => {
    virtual.scrollToIndex(row);
    const cell = document.getElementById(`${prefix}-${row}-${column}`);
    cell?.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const page = () => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
  const keys = useSheetKeys(props, { scroller, reveal, page });
  // A selection that was set elsewhere, such as on a new row, is shown.
  useEffect(() => {
    virtual.scrollToIndex(focus.row);
    revealColumn(scroller.current, document.getElementById(`${prefix}-${focus.row}-${focus.column}`));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only when the focus moves
  }, [focus.row, focus.column]);

  const pointer = pointerHandlers(props, keys);
  const shown = virtual.getVirtualItems();
  const [first, last] = [shown[0]?.index ?? 0, shown.at(-1)?.index ?? -1];
  // The labels of the shown rows are loaded, and of no others.
  useEffect(() => {
    for (const { field, references } of fields)
      references?.load(
        lines.slice(first, last + 1).flatMap(({ row, loaded }) => [row[field], loaded?.[field]]),
      );
  }, [fields, lines, first, last]);
  return (
    <div
      ref={scroller}
      className={classes.scroller}
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-multiselectable
      aria-rowcount={lines.length + 1}
      aria-colcount={fields.length + 1}
      aria-activedescendant={lines.length ? `${prefix}-${focus.row}-${focus.column}` : undefined}
      {...pointer}
      {...keys.handlers}
    >
      <SheetHead fields={fields} template={template} />
      <div
        role="rowgroup"
        className={classes.body}
        style={{ height: virtual.getTotalSize(), minWidth: width }}
      >
        {shown.map(({ index, start }) => {
          const line = lines[index];
          if (!line) return null;
          return (
            <div
              key={line.id}
              role="row"
              aria-rowindex={index + 2}
              className={classes.row}
              data-state={line.state}
              style={{
                gridTemplateColumns: template,
                height: rowHeight,
                transform: `translateY(${start}px)`,
              }}
            >
              <SheetRow
                prefix={prefix}
                index={index}
                line={line}
                fields={fields}
                selection={selection}
                edited={keys.edited}
                problems={problems}
                conflict={conflicts[line.id]}
                onEntered={keys.enter}
                onChosen={keys.choose}
                onCancel={keys.cancel}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Scrolls a table sideways to a cell, and nothing else on the page. */
function revealColumn(scroller: HTMLElement | null, cell: HTMLElement | null) {
  if (!scroller || !cell) return;
  const [view, place] = [scroller.getBoundingClientRect(), cell.getBoundingClientRect()];
  const left = view.left + STATE;
  if (place.left < left || place.width > view.right - left) scroller.scrollLeft += place.left - left;
  else if (place.right > view.right) scroller.scrollLeft += place.right - view.right;
}

/** Returns the cell of an event. */
function placeOf(event: React.SyntheticEvent): Place | null {
  const cell = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-column]") : null;
  return cell ? { row: Number(cell.dataset["row"]), column: Number(cell.dataset["column"]) } : null;
}

/** Selects by mouse and touch. A second tap on a cell edits it, like a double click. */
function pointerHandlers(
  { fields, selection, onSelection }: SheetProps,
  keys: Pick<ReturnType<typeof useSheetKeys>, "begin" | "isEdited">,
) {
  const { anchor, focus } = selection;
  return {
    onPointerDown: (event: React.PointerEvent) => {
      const head = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-head]") : null;
      const place = head ? { row: Number(head.dataset["head"]), column: fields.length - 1 } : placeOf(event);
      if (!place || keys.isEdited(place)) return;
      const start = event.shiftKey ? anchor : place;
      if (head) return onSelection({ anchor: { row: start.row, column: 0 }, focus: place });
      const isFocus = place.row === focus.row && place.column === focus.column;
      if (event.pointerType === "touch" && isFocus) {
        // The browser would move the focus back to the table.
        event.preventDefault();
        keys.begin(place, null);
      } else onSelection({ anchor: start, focus: place });
    },
    onPointerOver: (event: React.PointerEvent) => {
      const place = event.buttons === 1 && event.pointerType === "mouse" ? placeOf(event) : null;
      if (place && !keys.isEdited(anchor)) onSelection({ anchor, focus: place });
    },
    onDoubleClick: (event: React.MouseEvent) => {
      const place = placeOf(event);
      if (place && !keys.isEdited(place)) keys.begin(place, null);
    },
  };
}

function SheetHead({ fields, template }: { fields: readonly GridField[]; template: string }) {
  return (
    <div role="rowgroup" className={classes.head}>
      <div role="row" aria-rowindex={1} className={classes.headRow} style={{ gridTemplateColumns: template }}>
        <span role="columnheader" aria-colindex={1} className={classes.stateHead}>
          <VisuallyHidden>{t`Row`}</VisuallyHidden>
        </span>
        {fields.map(({ field, label, type, entry, references }, column) => (
          <span
            key={field}
            role="columnheader"
            aria-colindex={column + 2}
            className={classes.headCell}
            data-align={entry === "number" && !references ? "right" : undefined}
            title={type && type !== "unknown" ? `${label} · ${type}` : label}
          >
            {label}
          </span>
        ))}
      </div>
    </div>
  );
}

/** Returns the widths of the columns, and of all of them together: rows are positioned and have none. */
function templateOf(fields: readonly GridField[], lines: readonly Line[]) {
  // What is entered does not move the columns.
  const rows = lines.slice(0, 100).map(({ row, loaded }) => loaded ?? row);
  const widths = fields.map((field) => {
    const width = widthOf(field.label, rows, (row) => printValue(field, row[field.field]));
    const least = field.entry === "datetime" ? 200 : field.entry === "date" ? 130 : 90;
    return Math.max(width, least);
  });
  const fixed = [STATE, ...widths];
  return {
    template: [...fixed.map((width) => `${width}px`), "1fr"].join(" "),
    width: fixed.reduce((sum, width) => sum + width, 0),
  };
}
