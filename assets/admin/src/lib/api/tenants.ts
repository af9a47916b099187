import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTenantID } from "@/lib/tenant";
import { api, tenantPath } from "./client";
import { meKey } from "./me";
import type { Permission, Tenant, TenantDetail } from "./model";

const tenantKey = (tenantID: string) => [tenantID, "tenant"] as const;

/** The present tenant with how much is in it. */
export function useTenant() {
  const tenantID = useTenantID();
  return useQuery({ queryKey: tenantKey(tenantID), queryFn: ({ signal }) => api.get<TenantDetail>(tenantPath(tenantID), { signal }) });
}

export function usePatchTenant() {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ patch, version }: { patch: { name?: string; logoUrl?: string | null; settings?: object }; version: number }) =>
      api.patch<Tenant>(tenantPath(tenantID), patch, { headers: { "if-match": `"${version}"` } }),
    onSuccess: () => Promise.all([client.invalidateQueries({ queryKey: tenantKey(tenantID) }), client.invalidateQueries({ queryKey: meKey })]),
  });
}

export function useDeleteTenant() {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.delete(tenantPath(tenantID)),
    onSuccess: () => client.invalidateQueries({ queryKey: meKey }),
  });
}

/** Every permission there is, in the order in which roles show them. */
export function usePermissions() {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: [tenantID, "permissions"],
    queryFn: async ({ signal }) => (await api.get<{ items: Permission[] }>(tenantPath(tenantID, "permissions"), { signal })).items,
    staleTime: Infinity,
  });
}
