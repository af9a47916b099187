import { useDeferredValue, useMemo, useState } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { JsonObject } from "@/lib/api/model";
import { asNumber } from "@/lib/format/figures";
import { searchRows, sortRows, type Row, type SortOrder } from "@/lib/rows/cells";
import { fits, needsValue, type Condition } from "@/lib/rows/conditions";
import { keep, readStored } from "@/lib/stored";
import { useTenantID } from "@/lib/tenant";
import { isOn, rowsOf, type WidgetProps } from "../../config";
import { useWidgetActions, useWidgetVariables } from "../../host";
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
  const found = searchRows(filtered, text, (row) =>
    shown.map((column) => shownWords(column, row[column.field])),
  );
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
): { shown: readonly Row[]; pages: Pages | null } {
  const [wanted, go] = useState(0);
  const size = asNumber(config["pageSize"]) ?? 10;
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

const ids = new WeakMap<object, number>();
let count = 0;

/** Returns a number for a result, so that query keys do not contain its rows. */
function idOf(result: object): number {
  const known = ids.get(result) ?? ++count;
  ids.set(result, known);
  return known;
}

/** Pages loaded from the server; `wanted` and `go` get and set the current one. */
export function useServerPages({ config, result, id }: WidgetProps) {
  const tenantID = useTenantID();
  const { readPage } = useWidgetActions();
  const [wanted, go] = useState(0);
  const paged = isOn(config, "serverPaging") && id !== undefined;
  const variables = useWidgetVariables(paged);
  const page = paged && readPage ? wanted : 0;
  const size = asNumber(config["pageSize"]) ?? 10;
  const asked = useQuery({
    // A new first page means new data.
    queryKey: [tenantID, "widget page", id, page, variables, result ? idOf(result) : null],
    queryFn: ({ signal }) => readPage?.(id ?? "", page, signal) ?? null,
    enabled: page > 0,
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
  const answer = page === 0 ? result : (asked.data ?? null);
  const count = rowsOf(answer).rows.length;
  const start = page * size;
  const pages: Pages | null =
    paged && (page > 0 || answer?.truncated)
      ? {
          page,
          from: count ? start + 1 : start,
          to: start + count,
          total: answer?.truncated ? null : start + count,
          hasNext: Boolean(answer?.truncated && readPage),
          go,
        }
      : null;
  return {
    answer,
    pages,
    error: page > 0 ? asked.error : null,
    waiting: asked.isFetching,
    retry: () => void asked.refetch(),
  };
}

/** Items of two dashboards may have the same key, so the page is part of it. */
const storageKey = (id: string) => `jet-admin.table.${window.location.pathname.replace(/\/edit$/, "")}.${id}`;

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
