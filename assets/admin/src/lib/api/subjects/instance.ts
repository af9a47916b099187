import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api } from "../client";
import type { InstanceState } from "../model";

/** Loads the state of the instance, which only its admin may see. */
export const useInstance = () =>
  useQuery({
    queryKey: ["instance"],
    queryFn: ({ signal }): Promise<InstanceState> => api.get("/api/v1/instance", { signal }),
  });

/** Loads the accounts of the instance page by page, by email address. */
export function useInstanceAccounts(q: string) {
  const query = useInfiniteQuery({
    queryKey: ["instance", "accounts", q],
    queryFn: ({ pageParam, signal }) =>
      api.get("/api/v1/instance/accounts", {
        query: { q: q || null, cursor: pageParam, limit: 50 },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
  const pages = query.data?.pages;
  return { ...query, items: pages?.flatMap(({ items }) => items), total: pages?.[0]?.total };
}
