import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/lib/api/client";
import { keys } from "@/lib/api/keys";
import type { AccessReport, AccessSettings, RestrictedDashboard } from "@/lib/api/model";
import { useTenantID } from "@/lib/tenant";

const ONE = "/api/v1/tenants/{tenantID}/dashboards/{dashboardID}/access";

const restrictedKey = (tenantID: string) => [tenantID, "dashboard", "list", "restricted"];

/** The dashboards that not everyone may open, among those that the caller may. */
export function useRestrictedDashboards({ enabled }: { enabled: boolean }) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: restrictedKey(tenantID),
    queryFn: async ({ signal }): Promise<ReadonlyMap<string, RestrictedDashboard>> => {
      const { items } = await api.get("/api/v1/tenants/{tenantID}/dashboards/access", {
        path: { tenantID },
        signal,
      });
      return new Map(items.map((one) => [one.dashboardID, one]));
    },
    staleTime: 30_000,
    retry: false,
    enabled: enabled && tenantID !== "",
  });
}

/** Who may open a dashboard, and the change of it. */
export function useDashboardAccess(dashboardID: string) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  const queryKey = [...keys.one(tenantID, "dashboard", dashboardID), "access"];
  const path = { tenantID, dashboardID };
  const current = useQuery({
    queryKey,
    queryFn: ({ signal }): Promise<AccessReport> => api.get(ONE, { path, signal }),
  });
  const replace = useMutation({
    mutationFn: (body: AccessSettings): Promise<AccessReport> => api.put(ONE, { path, body }),
    onSuccess: (saved) => {
      client.setQueryData(queryKey, saved);
      return client.invalidateQueries({ queryKey: restrictedKey(tenantID) });
    },
  });
  return { current, replace };
}
