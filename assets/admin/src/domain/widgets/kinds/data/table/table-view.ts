import { useDeferredValue, useMemo, useState } from "react";
import type { JsonObject } from "@/lib/api/model";
import { asNumber } from "@/lib/format/figures";
import { cellText, searchRows, sortRows, type Row, type SortOrder } from "@/lib/rows/cells";
import { fits, needsValue, type Condition } from "@/lib/rows/conditions";
import { keep, readStored } from "@/lib/stored";
import { cellWords, shownWords } from "./cell-words";
import { arrangementOf, type Arrangement, type TableColumn } from "./table-columns";

/** The reader's search, filters and order. */
export interface Wanted {
  text: string;
  filters: readonly Condition[];
  order: SortOrder;
}

/** Returns the matching rows in order. Only visible columns are searched. */
export function foundRows(
  rows: readonly Row[],
  { text, filters, order }: Wanted,
  columns: readonly TableColumn[],
  shown: readonly TableColumn[],
): readonly Row[] {
  const wanted = filters.filter(
    (filter) => filter.field && (!needsValue(filter.operator) || filter.value !== ""),
  );
  const words = (row: Row, field: string) => {
    const column = columns.find((one) => one.field === field);
    return column && cellWords(column, row[field]);
  };
  const filtered = wanted.length
    ? rows.filter((row) => wanted.every((filter) => fits(filter, row, words(row, filter.field))))
    : rows;
  // A number is found as it is shown and as it is: formatting all of them takes long, and words are in none of them.
  const isNumber = /\d/.test(text) && !/\p{L}/u.test(text);
  const searched = (column: TableColumn, row: Row): string[] => {
    const value = row[column.field];
    const { kind, style } = column.format;
    const isPlain = kind === "number" && (style.format === undefined || style.format === "auto");
    if (!isPlain) return [shownWords(column, value)];
    return isNumber ? [cellText(value), shownWords(column, value)] : [];
  };
  const found = searchRows(filtered, text, (row) => shown.flatMap((column) => searched(column, row)));
  return sortRows(
    found,
    order,
    columns.map(({ field, type }) => ({ name: field, type })),
  );
}

export interface Pages {
  page: number;
  /** The numbers of the first and the last row, and the total; null while unknown. */
  from: number;
  to: number;
  total: number | null;
  hasNext: boolean;
  go: (page: number) => void;
}

/** Pages of rows that the browser has as a whole. */
export function usePages(
  found: readonly Row[],
  config: JsonObject,
  fitting: number,
): { shown: readonly Row[]; pages: Pages | null } {
  const [wanted, go] = useState(0);
  const size = asNumber(config["pageSize"]) ?? fitting;
  if (size <= 0 || found.length <= size) return { shown: found, pages: null };
  // Fewer rows may have arrived since the page was selected.
  const page = Math.min(wanted, Math.ceil(found.length / size) - 1);
  const start = page * size;
  const shown = found.slice(start, start + size);
  return {
    shown,
    pages: {
      page,
      from: start + 1,
      to: start + shown.length,
      total: found.length,
      hasNext: start + size < found.length,
      go,
    },
  };
}

/** Items of two dashboards may have the same key, so the page is part of it. */
const storageKey = (id: string) =>
  `jet-admin.table.${window.location.pathname.replace(/(\/(?:dashboards|widgets)\/[^/]+)\/.*$/, "$1")}.${id}`;

function stored(id: string | undefined): Arrangement | null {
  const kept = id ? readStored(storageKey(id)) : null;
  const lists = kept as Partial<Record<keyof Arrangement, unknown>> | null;
  const isTexts = (list: unknown): list is string[] =>
    Array.isArray(list) && list.every((item) => typeof item === "string");
  return lists && isTexts(lists.order) && isTexts(lists.hidden)
    ? { order: lists.order, hidden: lists.hidden }
    : null;
}

/** The reader's columns, stored in this browser. */
export function useArrangement(id: string | undefined, columns: readonly TableColumn[]) {
  const [own, setOwn] = useState(() => stored(id));
  const set = (next: Arrangement | null) => {
    setOwn(next);
    if (id) keep(storageKey(id), next);
  };
  const arrangement = useMemo(() => own ?? arrangementOf(columns), [own, columns]);
  return [arrangement, set] as const;
}

/** Search, filters and order, with the resulting rows. */
export function useFoundRows(
  rows: readonly Row[],
  columns: readonly TableColumn[],
  shown: readonly TableColumn[],
) {
  const [text, setText] = useState("");
  const [filters, setFilters] = useState<Condition[]>([]);
  const [order, setOrder] = useState<SortOrder>(null);
  const [wanted, conditions] = [useDeferredValue(text), useDeferredValue(filters)];
  const found = useMemo(
    () => foundRows(rows, { text: wanted, filters: conditions, order }, columns, shown),
    [rows, wanted, conditions, order, columns, shown],
  );
  return { found, text, setText, filters, setFilters, order, setOrder };
}
