import { useEffect } from "react";
import { useList, type Kind } from "./resources";

/** The largest page that the server returns. */
const PAGE = 200;

/** Loads a whole collection, page after page. `isWhole` once nothing is missing. */
export function useWholeList<K extends Kind>(kind: K, options: { enabled?: boolean } = {}) {
  const list = useList(kind, { limit: PAGE, sort: "name" }, options);
  const { data, hasNextPage, isFetchingNextPage, isError, fetchNextPage } = list;
  const isMissing = hasNextPage && !isFetchingNextPage && !isError;
  useEffect(() => {
    if (isMissing) void fetchNextPage();
  }, [isMissing, fetchNextPage]);
  return { ...list, isWhole: data !== undefined && !hasNextPage };
}
