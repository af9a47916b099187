import { ActionIcon, Text, TextInput } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconSearch } from "@tabler/icons-react";
import { useDeferredValue, useMemo, useState } from "react";
import type { Column, JsonObject } from "@/lib/api/model";
import { searchRows, sortRows, type SortOrder } from "@/lib/cells";
import { asNumber, formatFigure } from "@/lib/figures";
import { formatNumber } from "@/lib/format";
import { DataGrid, type GridColumn } from "../data-grid/data-grid";
import { marksOf, rowsOf, styleOf, type WidgetProps } from "./config";
import classes from "./widget-kinds.module.css";

const NUMERIC_FORMATS = ["number", "currency", "percent"];

/** The chosen columns with their words and formats, or all of the result's when none are chosen. */
export function gridColumns(config: JsonObject, columns: readonly Column[]): GridColumn[] {
  const chosen = marksOf(config, "columns");
  if (chosen.length === 0) return [...columns];
  return chosen.map(({ field, label, config: own }) => {
    const style = styleOf(own);
    const type = columns.find(({ name }) => name === field)?.type ?? "unknown";
    if (style.format === undefined || style.format === "auto") return { name: field, label, type };
    return { name: field, label, type, format: (value: unknown) => formatFigure(value, style), align: NUMERIC_FORMATS.includes(style.format) ? "right" : "left" };
  });
}

export function TableWidget({ config, result, label }: WidgetProps) {
  const { rows, columns } = useMemo(() => rowsOf(result), [result]);
  const drawn = useMemo(() => gridColumns(config, columns), [config, columns]);
  const pageSize = Math.max(1, asNumber(config["pageSize"]) ?? 10);
  const [order, setOrder] = useState<SortOrder>(null);
  const [text, setText] = useState("");
  const [wantedPage, setPage] = useState(0);
  const wanted = useDeferredValue(text);
  const found = useMemo(() => sortRows(searchRows(rows, wanted), order), [rows, wanted, order]);
  // Fewer rows may have come since the page was chosen.
  const page = Math.min(wantedPage, Math.max(0, Math.ceil(found.length / pageSize) - 1));
  const start = page * pageSize;

  return (
    <div className={classes.table}>
      <DataGrid rows={found.slice(start, start + pageSize)} columns={drawn} label={label} order={order} onOrder={setOrder} />
      {rows.length > pageSize && (
        <div className={classes.pages}>
          <TextInput
            size="xs"
            variant="unstyled"
            aria-label={`Search ${label}`}
            placeholder="Search"
            leftSection={<IconSearch size={14} />}
            value={text}
            className={classes.search}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setPage(0);
            }}
          />
          <Text size="xs" c="dimmed" className="tabular" aria-live="polite">
            {found.length === 0 ? "Nothing matches" : `${formatNumber(start + 1)}–${formatNumber(Math.min(start + pageSize, found.length))} of ${formatNumber(found.length)}`}
          </Text>
          <ActionIcon size="sm" aria-label="Previous page" disabled={page === 0} onClick={() => setPage(page - 1)}>
            <IconChevronLeft size={16} />
          </ActionIcon>
          <ActionIcon size="sm" aria-label="Next page" disabled={start + pageSize >= found.length} onClick={() => setPage(page + 1)}>
            <IconChevronRight size={16} />
          </ActionIcon>
        </div>
      )}
    </div>
  );
}
