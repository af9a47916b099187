import { useMemo, useState } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDebouncedValue } from "@mantine/hooks";
import { asNumber } from "@/lib/format/figures";
import type { WidgetData } from "@/lib/api/subjects/widgets";
import type { SortOrder } from "@/lib/rows/cells";
import type { Condition } from "@/lib/rows/conditions";
import { isFirstPage, readyFilters, serverTableOf, type TableAsk } from "@/lib/rows/table-ask";
import { useTenantID } from "@/lib/tenant";
import { isOn, rowsOf, type WidgetProps } from "../../config";
import { useWidgetActions, useWidgetVariables } from "../../host";
import type { Pages } from "./table-view";

const ids = new WeakMap<object, number>();
let count = 0;

/** Returns a number for a result, so that query keys do not contain its rows. */
function idOf(result: object): number {
  const known = ids.get(result) ?? ++count;
  ids.set(result, known);
  return known;
}

/** What the reader searches, filters and sorts by; each change starts at the first page. */
function useWanted() {
  const [page, go] = useState(0);
  const [text, setText] = useState("");
  const [filters, setFilters] = useState<Condition[]>([]);
  const [order, setOrder] = useState<SortOrder>(null);
  const [search] = useDebouncedValue(text.trim(), 250);
  const [ready] = useDebouncedValue(filters, 250);
  const ask = useMemo(
    (): TableAsk => ({
      page,
      search,
      sort: order?.column ?? null,
      direction: order ? (order.descending ? "desc" : "asc") : null,
      filters: readyFilters(ready),
    }),
    [page, search, order, ready],
  );
  const first =
    <T>(set: (value: T) => void) =>
    (value: T) => {
      set(value);
      go(0);
    };
  return {
    ask,
    go,
    /** Whether the ask is about to change. */
    isChanging: search !== text.trim() || ready !== filters,
    view: {
      text,
      setText: first(setText),
      filters,
      setFilters: first(setFilters),
      order,
      setOrder: first(setOrder),
    },
  };
}

/** Rows that the server pages, and searches and sorts if the table is configured for it. */
export function useServerRows({ config, result, id }: WidgetProps) {
  const tenantID = useTenantID();
  const { readPage, building } = useWidgetActions();
  const server = useMemo(() => serverTableOf(config), [config]);
  const paged = isOn(config, "serverPaging");
  const variables = useWidgetVariables(paged);
  const { ask, go, view, isChanging } = useWanted();
  const size = asNumber(config["pageSize"]) ?? 10;
  // The editor's data is that of the query itself, without the parameters of the table.
  const asks = paged && readPage !== null && (!isFirstPage(ask) || (building && server !== null));
  const asked = useQuery({
    // A new first page means new data.
    queryKey: ["widget-part", tenantID, id, ask, variables, result ? idOf(result) : null, config["server"]],
    queryFn: ({ signal }) => readPage?.(id ?? "", ask, signal) ?? null,
    enabled: asks,
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
  const [last, setLast] = useState<WidgetData | null>(null);
  const present = asks ? (asked.data ?? (asked.error || building ? null : result)) : result;
  if (present && present !== last) setLast(present);
  // What was asked for in vain can be corrected, so the table keeps its columns, tools and last rows.
  const answer = present ?? (asks && asked.error ? last : null);
  const count = rowsOf(answer).rows.length;
  // The last rows of a page may have been deleted.
  if (ask.page > 0 && asked.isSuccess && !asked.isFetching && count === 0) go(ask.page - 1);
  const start = ask.page * size;
  const total = answer?.total ?? null;
  const pages: Pages | null =
    paged && (ask.page > 0 || answer?.truncated || total !== null)
      ? {
          page: ask.page,
          from: count ? start + 1 : start,
          to: start + count,
          total: total ?? (answer?.truncated ? null : start + count),
          hasNext: Boolean(answer?.truncated && readPage),
          go,
        }
      : null;
  return {
    answer,
    pages,
    /** Null where the server only pages. */
    server: readPage ? server : null,
    view,
    error: asks ? asked.error : null,
    waiting: asked.isFetching,
    /** Whether the rows are those of an earlier ask. */
    isOld: isChanging || (asks && (asked.isPending || asked.isPlaceholderData || asked.error !== null)),
    /** The number of all rows, and of those that were asked for. */
    counts: { whole: result?.total ?? null, found: total },
    /** The filters that were asked for: an error names them by their place. */
    asked: ask.filters,
    retry: () => void asked.refetch(),
  };
}
