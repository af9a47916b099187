import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTenantID } from "@/lib/tenant";
import { learnChange, tellChange } from "../changes";
import { request } from "../client";
import { keys } from "../keys";
import type { DashboardRestorationResult, Items, Version, VersionDetail } from "../model";
import { kindPath, type KindWith } from "../resources";

export type Versioned = KindWith<"get", "/versions">;

/** Loads the list of a record's saved versions, newest first. */
export function useVersions(kind: Versioned, id: string) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: keys.versions(tenantID, kind, id),
    queryFn: ({ signal }) =>
      request<Items<Version>>("get", kindPath(tenantID, kind, id, "versions"), { signal }),
    // Opened to see what others have saved.
    staleTime: 0,
  });
}

/** Returns the query for the content of a saved version, which never changes. */
export const versionQuery = (tenantID: string, kind: Versioned, id: string, version: number | undefined) =>
  queryOptions({
    queryKey: [tenantID, kind, "version", id, version ?? 0],
    queryFn: ({ signal }) =>
      request<VersionDetail>("get", kindPath(tenantID, kind, id, "versions", String(version)), { signal }),
    staleTime: Infinity,
    enabled: version !== undefined,
  });

/** Loads the content of a saved version. */
export function useVersion(kind: Versioned, id: string, version: number | undefined) {
  return useQuery(versionQuery(useTenantID(), kind, id, version));
}

interface DashboardRestoration {
  id: string;
  /** The version to restore, and the present one. */
  past: number;
  current: number;
  /** Whether to restore it without what cannot come back. */
  leaveOut?: boolean;
  /** Whether only to tell what would be restored. */
  preview?: boolean;
}

/** Restores a version of a dashboard together with what belongs to it and is in the trash, or tells what would be. */
export function useRestoreDashboard() {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, past, current, leaveOut = false, preview = false }: DashboardRestoration) =>
      request<DashboardRestorationResult>(
        "post",
        kindPath(tenantID, "dashboard", id, "versions", String(past), "restore"),
        { body: { leaveOut, preview }, headers: { "if-match": `"${current}"` } },
      ),
    onSuccess: ({ dashboard, restored, changed }, { id }) => {
      if (!dashboard) return;
      tellChange({ tenantID, kind: "dashboard", id });
      client.setQueryData(keys.one(tenantID, "dashboard", id), dashboard);
      const others =
        restored.length + changed.length > 0
          ? [
              client.invalidateQueries({
                predicate: ({ queryKey }) =>
                  queryKey[0] === tenantID && ["list", "one"].includes(String(queryKey[2])),
              }),
            ]
          : [];
      void Promise.all([learnChange(client, { tenantID, kind: "dashboard", id }), ...others]);
    },
  });
}
