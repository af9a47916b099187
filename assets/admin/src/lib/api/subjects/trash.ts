import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useTenantID } from "@/lib/tenant";
import { learnChange, tellChange } from "../changes";
import { request } from "../client";
import { isApiError } from "../errors";
import { keys } from "../keys";
import { kindPath, type Kind, type KindWith } from "../resources";

/** A record that uses another one. */
export interface RecordUse {
  id: string;
  kind: Kind;
  name: string;
}

/** What uses a record. Of what the caller may not see, and beyond the first hundreds, there is only the number. */
export interface Uses {
  items: RecordUse[];
  more: { kind: Kind; count: number }[];
}

/** A deleted record that can be restored until `expiresAt`. */
export interface TrashItem extends RecordUse {
  deletedAt: string;
  deletedBy: string;
  /** Shared by the records that were deleted, and are restored, together. */
  deletion: string;
  expiresAt: string;
}

interface TrashPage {
  items: TrashItem[];
  nextCursor: string | null;
  total: number;
}

const trashPath = (tenantID: string, ...segments: string[]) =>
  ["/api/v1/tenants", ...[tenantID, "trash", ...segments].map(encodeURIComponent)].join("/");

/** Loads what uses a record; null if the server does not say. */
export function useUses(kind: KindWith<"delete">, id: string | undefined) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: [tenantID, kind, "uses", id ?? ""],
    queryFn: ({ signal }) =>
      request<Uses>("get", kindPath(tenantID, kind, id ?? "", "uses"), { signal }).catch((error: unknown) => {
        if (isApiError(error) && error.status === 404) return null;
        throw error;
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
      request<TrashPage>("get", trashPath(tenantID), {
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
    mutationFn: (id: string) => request<{ items: RecordUse[] }>("post", trashPath(tenantID, id, "restore")),
    onSuccess: ({ items }) => {
      // A page that still shows the record as deleted loads it again.
      for (const { kind, id } of items) {
        void client.resetQueries({ queryKey: keys.one(tenantID, kind, id) });
        tellChange({ tenantID, kind, id, gone: true });
      }
      return learnChange(client, { tenantID, kind: items[0]?.kind ?? "widget", gone: true });
    },
  });
}

/** Deletes a record from the trash for good. */
export function useDeleteForGood() {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => request<undefined>("delete", trashPath(tenantID, id)),
    onSuccess: () => client.invalidateQueries({ queryKey: [tenantID, "trash"] }),
  });
}
