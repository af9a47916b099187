import { useQuery } from "@tanstack/react-query";
import { useTenantID } from "@/lib/tenant";
import { request } from "../client";
import { keys } from "../keys";
import type { Items, Version, VersionDetail } from "../model";
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

/** Loads the content of a saved version, which never changes. */
export function useVersion(kind: Versioned, id: string, version: number | undefined) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: [tenantID, kind, "version", id, version ?? 0],
    queryFn: ({ signal }) =>
      request<VersionDetail>("get", kindPath(tenantID, kind, id, "versions", String(version)), { signal }),
    staleTime: Infinity,
    enabled: version !== undefined,
  });
}
