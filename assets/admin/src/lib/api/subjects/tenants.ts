import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/lib/api/client";
import { meKey } from "@/lib/api/me";
import type { Tenant, TenantDetail, TenantPatch, TenantUsage } from "@/lib/api/model";
import { serverText } from "@/lib/i18n";
import { useTenantID } from "@/lib/tenant";

const tenantKey = (tenantID: string) => [tenantID, "tenant"] as const;

/** Loads the current tenant with its record counts. */
export function useTenant() {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: tenantKey(tenantID),
    queryFn: ({ signal }): Promise<TenantDetail> =>
      api.get("/api/v1/tenants/{tenantID}", { path: { tenantID }, signal }),
  });
}

/** Loads what the tenant stores, and its quotas. */
export function useUsage() {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: [tenantID, "usage"],
    queryFn: ({ signal }): Promise<TenantUsage> =>
      api.get("/api/v1/tenants/{tenantID}/usage", { path: { tenantID }, signal }),
  });
}

export function usePatchTenant() {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ patch, version }: { patch: TenantPatch; version: number }): Promise<Tenant> =>
      api.patch("/api/v1/tenants/{tenantID}", {
        path: { tenantID },
        body: patch,
        headers: { "if-match": `"${version}"` },
      }),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: tenantKey(tenantID) }),
        client.invalidateQueries({ queryKey: meKey }),
      ]),
  });
}

export function useDeleteTenant() {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.delete("/api/v1/tenants/{tenantID}", { path: { tenantID } }),
    onSuccess: () => client.invalidateQueries({ queryKey: meKey }),
  });
}

/** Loads all permissions, in the order in which roles show them. */
export function usePermissions() {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: [tenantID, "permissions"],
    queryFn: async ({ signal }) =>
      (await api.get("/api/v1/tenants/{tenantID}/permissions", { path: { tenantID }, signal })).items.map(
        (permission) => ({ ...permission, description: serverText(permission.description) }),
      ),
    staleTime: Infinity,
  });
}
