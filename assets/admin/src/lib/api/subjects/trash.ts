import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useTenantID } from "@/lib/tenant";
import { learnChange, tellChange } from "../changes";
import { api, request } from "../client";
import { keys } from "../keys";
import { useSetup } from "../me";
import type { Uses } from "../model";
import { collections, kindPath, type Kind, type KindWith } from "../resources";

const isKind = (kind: string): kind is Kind => kind in collections;

/** Returns for how many days deleted records are kept in the trash; undefined until it is known. */
export const useTrashDays = (): number | undefined => useSetup().data?.trashDays;

/** Loads what uses a record; `indirect` includes what uses it through other records. */
export function useUses(
  kind: KindWith<"get", "/uses">,
  id: string | undefined,
  { indirect = false }: { indirect?: boolean } = {},
) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: [tenantID, kind, "uses", id ?? "", indirect],
    queryFn: ({ signal }) =>
      request<Uses>("get", kindPath(tenantID, kind, id ?? "", "uses"), {
        query: { indirect: indirect || null },
        signal,
      }),
    enabled: id !== undefined,
    // Decides what is deleted, so it must be current.
    staleTime: 0,
    gcTime: 0,
  });
}

/** Loads the deleted records page by page, those deleted last first. */
export function useTrash(kind: Kind | null, q: string) {
  const tenantID = useTenantID();
  const query = useInfiniteQuery({
    queryKey: [tenantID, "trash", "list", kind, q],
    queryFn: ({ pageParam, signal }) =>
      api.get("/api/v1/tenants/{tenantID}/trash", {
        path: { tenantID },
        query: { kind, q: q || null, cursor: pageParam, limit: 100 },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
  const pages = query.data?.pages;
  return { ...query, items: pages?.flatMap(({ items }) => items), total: pages?.[0]?.total };
}

/** Restores a deleted record with everything that was deleted with it; returns all of it. */
export function useRestoreDeleted() {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (recordID: string) =>
      api.post("/api/v1/tenants/{tenantID}/trash/{recordID}/restore", { path: { tenantID, recordID } }),
    onSuccess: ({ items }) => {
      const known = items.flatMap(({ kind, id }) => (isKind(kind) ? [{ kind, id }] : []));
      // A page that still shows the record as deleted loads it again.
      for (const { kind, id } of known) {
        void client.resetQueries({ queryKey: keys.one(tenantID, kind, id) });
        tellChange({ tenantID, kind, id, gone: true });
      }
      return learnChange(client, { tenantID, kind: known[0]?.kind ?? "widget", gone: true });
    },
  });
}

/** Deletes a record from the trash for good. */
export function useDeleteForGood() {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (recordID: string) =>
      api.delete("/api/v1/tenants/{tenantID}/trash/{recordID}", { path: { tenantID, recordID } }),
    onSuccess: () => client.invalidateQueries({ queryKey: [tenantID, "trash"] }),
  });
}
