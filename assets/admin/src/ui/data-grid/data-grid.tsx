import { Trans } from "@lingui/react/macro";
import { UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import {
  cellText,
  columnsOf,
  isNumeric,
  plainColumns,
  sortRows,
  widthOf,
  type PlainColumn,
  type Row,
  type SortOrder,
} from "@/lib/rows/cells";
import { copyExact } from "./copy-exact";
import classes from "./data-grid.module.css";
import { MoreColumns } from "./more-columns";
import { rovingRow, useRovingRows } from "./roving-rows";

export interface GridColumn extends PlainColumn {
  label?: string;
  /** A remark in the head, such as the type of its values. */
  about?: string;
  format?: (value: unknown, row: Row) => React.ReactNode;
  /** Renders the whole cell, also without a value; `format` then only measures. */
  render?: (value: unknown, row: Row) => React.ReactNode;
  /** Pixels that it needs besides its text. */
  room?: number;
  /** The color of a cell. */
  tone?: (row: Row) => string | undefined;
  /** By default numbers are aligned to the right. */
  align?: "left" | "right";
  /** False if this column cannot be sorted by. */
  sortable?: boolean;
}

interface DataGridProps {
  rows: readonly Row[];
  columns?: GridColumn[] | null;
  label: string;
  /** Fills its parent if absent. */
  height?: number | string;
  rowHeight?: number;
  /** The number of the first row; enables row numbers. */
  numbered?: number;
  /** The actions of a row, on the right, and their width in pixels. */
  rowActions?: { width: number; render: (row: Row) => React.ReactNode } | undefined;
  /** Makes rows selectable. */
  onRow?: ((row: Row, deselects?: boolean) => void) | undefined;
  /** Whether a row is selected. */
  isChosen?: ((row: Row) => boolean) | undefined;
  /** Given with `onOrder` if the caller sorts, for example because it shows one page of the rows. */
  order?: SortOrder;
  onOrder?: (order: SortOrder) => void;
  /** False if the order is fixed, such as the server's. */
  sortable?: boolean;
  /** Whether the columns share the whole width. */
  isFilling?: boolean;
}

interface DrawnColumn extends GridColumn {
  label: string;
  align: "left" | "right";
  width: number;
}

/** The columns of the CSS grid. */
function templateOf(
  columns: readonly { width: number }[],
  { shares, isNumbered, actions }: { shares: boolean; isNumbered: boolean; actions: number | undefined },
): string {
  const parts = [
    isNumbered ? "56px" : "",
    ...columns.map(({ width }) => (shares ? `minmax(${width}px,${width}fr)` : `${width}px`)),
    shares ? "" : "1fr",
    actions === undefined ? "" : `${actions}px`,
  ];
  return parts.filter(Boolean).join(" ");
}

/** A virtualized grid of rows: only the visible ones are in the page. */
export function DataGrid({
  rows,
  columns,
  label,
  height = "100%",
  rowHeight = 28,
  numbered,
  rowActions,
  onRow,
  isChosen,
  order: givenOrder = null,
  onOrder,
  sortable = true,
  isFilling = false,
}: DataGridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [ownOrder, setOwnOrder] = useState<SortOrder>(null);
  const order = onOrder ? givenOrder : ownOrder;
  const [widths, setWidths] = useState<Record<string, number>>({});
  const sorted = useMemo(
    () => (onOrder ? rows : sortRows(rows, order, columns ?? [])),
    [rows, order, onOrder, columns],
  );
  const described = useMemo(() => describe(columns ?? plainColumns(columnsOf(rows)), rows), [columns, rows]);
  const drawn = described.map((column) => ({ ...column, width: widths[column.name] ?? column.width }));
  const shares = isFilling && Object.keys(widths).length === 0;
  // Remaining width goes to the columns, or before the actions, which stay on the right.
  const template = templateOf(drawn, {
    shares,
    isNumbered: numbered !== undefined,
    actions: rowActions?.width,
  });

  // The virtualizer's functions change with every scroll; nothing here is memoized.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const bring = (index: number) => virtual.scrollToIndex(index);
  const roving = useRovingRows(scroller, { count: sorted.length, bring });

  return (
    <div
      ref={scroller}
      className={classes.scroller}
      style={{ height, scrollPaddingInlineEnd: rowActions?.width }}
      // Rows that can be selected have the focus themselves.
      {...(onRow && sorted.length ? {} : { tabIndex: 0 })}
      role="region"
      aria-label={label}
      onCopy={copyExact}
      {...roving}
    >
      <MoreColumns
        scroller={scroller}
        widths={drawn.map(({ width }) => width)}
        covered={rowActions?.width ?? 0}
      />
      <div
        role="table"
        aria-label={label}
        aria-rowcount={sorted.length + 1}
        aria-colcount={drawn.length}
        className={classes.table}
      >
        <HeadRow
          columns={drawn}
          template={template}
          isNumbered={numbered !== undefined}
          hasActions={rowActions !== undefined}
          order={order}
          onSort={sortable ? (onOrder ?? setOwnOrder) : null}
          onResize={(name, width) => setWidths((old) => ({ ...old, [name]: width }))}
        />
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = sorted[index];
            if (!row) return null;
            return (
              <div
                key={index}
                role="row"
                aria-rowindex={index + 2}
                className={classes.row}
                {...rovingRow(index)}
                {...chooser(row, onRow, isChosen?.(row) ?? false)}
                style={rowStyle(template, rowHeight, start)}
              >
                <RowCells
                  row={row}
                  columns={drawn}
                  number={numbered === undefined ? null : numbered + index}
                  rowActions={rowActions}
                />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

const rowStyle = (template: string, height: number, start: number): React.CSSProperties => ({
  gridTemplateColumns: template,
  height,
  transform: `translateY(${start}px)`,
});

interface HeadRowProps {
  columns: readonly DrawnColumn[];
  template: string;
  isNumbered: boolean;
  hasActions: boolean;
  order: SortOrder;
  onSort: ((order: SortOrder) => void) | null;
  onResize: (name: string, width: number) => void;
}

function HeadRow({ columns, template, isNumbered, hasActions, order, onSort, onResize }: HeadRowProps) {
  return (
    <div role="row" aria-rowindex={1} className={classes.head} style={{ gridTemplateColumns: template }}>
      {isNumbered && (
        <span role="columnheader">
          <VisuallyHidden>
            <Trans>Row</Trans>
          </VisuallyHidden>
        </span>
      )}
      {columns.map((column) => (
        <HeadCell
          key={column.name}
          column={column}
          order={order}
          onSort={column.sortable === false ? null : onSort}
          onResize={(width) => onResize(column.name, width)}
        />
      ))}
      {hasActions && (
        <span role="columnheader" className={classes.actionsHead}>
          <VisuallyHidden>
            <Trans>Actions</Trans>
          </VisuallyHidden>
        </span>
      )}
    </div>
  );
}

interface RowCellsProps extends Pick<DataGridProps, "rowActions"> {
  row: Row;
  columns: readonly DrawnColumn[];
  /** Null without row numbers. */
  number: number | null;
}

function RowCells({ row, columns, number, rowActions }: RowCellsProps) {
  return (
    <>
      {number !== null && (
        <span role="cell" className={classes.number}>
          {number}
        </span>
      )}
      {columns.map((column) => (
        <Cell key={column.name} column={column} row={row} />
      ))}
      {rowActions && (
        <span role="cell" className={classes.actions}>
          {rowActions.render(row)}
        </span>
      )}
    </>
  );
}

/** Whether a click or a key belongs to a control within the row. */
const isWithin = (event: React.SyntheticEvent) =>
  event.target instanceof Element && event.target.closest("button, a, input, [role=dialog]") !== null;

/** Returns whether a row is selected, and the handlers that select it by pointer and keyboard: Escape deselects it. */
function chooser(row: Row, onRow: DataGridProps["onRow"], isChosen: boolean) {
  const chosen = isChosen ? { "data-chosen": true } : {};
  if (!onRow) return chosen;
  return {
    ...chosen,
    "aria-selected": isChosen,
    tabIndex: 0,
    "data-choosable": true,
    onClick: (event: React.MouseEvent) => !isWithin(event) && onRow(row),
    onKeyDown: (event: React.KeyboardEvent<HTMLElement>) => {
      if (isWithin(event)) return;
      const deselects = event.key === "Escape" && isChosen;
      const selects = event.key === "Enter" || event.key === " " || deselects;
      if (selects) onRow(row, deselects);
      if (selects) event.preventDefault();
    },
  };
}

function describe(columns: GridColumn[], rows: readonly Row[]): DrawnColumn[] {
  return columns.map((column) => {
    const label = column.label || column.name;
    return {
      ...column,
      label,
      align: column.align ?? (isNumeric(column, rows) ? "right" : "left"),
      width: Math.max(
        widthOf(column.about ? `${label} ${column.about}` : label, [], () => ""),
        widthOf("", rows, (row) => shownText(column, row)) + (column.room ?? 0),
      ),
    };
  });
}

/** Returns a cell's text. */
function shownText({ name, format }: GridColumn, row: Row): string {
  const value = row[name];
  const shown = format && value !== null && value !== undefined ? format(value, row) : null;
  return typeof shown === "string" ? shown : cellText(value);
}

function Cell({ column, row }: { column: DrawnColumn; row: Row }) {
  const value = row[column.name];
  const missing = value === null || value === undefined;
  const text = cellText(value);
  const isOther = !missing && shownText(column, row) !== text;
  return (
    <span
      role="cell"
      className={classes.cell}
      data-align={column.align}
      data-null={(missing && !column.render) || undefined}
      data-tone={column.tone?.(row)}
      data-exact={isOther ? text : undefined}
      title={isOther || text.length > 18 ? text.slice(0, 2000) : undefined}
    >
      {column.render
        ? column.render(value, row)
        : missing || !column.format
          ? text.slice(0, 500)
          : column.format(value, row)}
    </span>
  );
}

interface HeadCellProps {
  column: DrawnColumn;
  order: SortOrder;
  onSort: ((order: SortOrder) => void) | null;
  onResize: (width: number) => void;
}

function HeadCell({ column, order, onSort, onResize }: HeadCellProps) {
  const mine = order?.column === column.name ? order : null;
  const Arrow = mine?.descending ? IconArrowDown : IconArrowUp;
  const next: SortOrder = !mine
    ? { column: column.name, descending: false }
    : mine.descending
      ? null
      : { column: column.name, descending: true };

  const title = column.type === "unknown" ? column.label : `${column.label} · ${column.type}`;
  const resize = (event: React.PointerEvent) => {
    const start = event.clientX;
    const { currentTarget: handle } = event;
    handle.setPointerCapture(event.pointerId);
    const move = (moved: Event) =>
      onResize(Math.max(48, column.width + (moved as PointerEvent).clientX - start));
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", move), {
      once: true,
    });
  };

  return (
    <span
      role="columnheader"
      aria-sort={mine ? (mine.descending ? "descending" : "ascending") : onSort ? "none" : undefined}
      className={classes.headCell}
      data-align={column.align}
    >
      {onSort ? (
        <UnstyledButton className={classes.sort} onClick={() => onSort(next)} title={title}>
          <span className={classes.headLabel}>{column.label}</span>
          {column.about && <span className={classes.about}>{column.about}</span>}
          {mine && <Arrow size={13} aria-hidden />}
        </UnstyledButton>
      ) : (
        <span className={classes.sort} title={title}>
          <span className={classes.headLabel}>{column.label}</span>
          {column.about && <span className={classes.about}>{column.about}</span>}
        </span>
      )}
      <span className={classes.handle} onPointerDown={resize} aria-hidden />
    </span>
  );
}
