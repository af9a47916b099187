import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/lib/api/client";
import { keys } from "@/lib/api/keys";
import type { NewLink, Share, ShareDraft, SharedDashboard } from "@/lib/api/model";
import { useTenantID } from "@/lib/tenant";

const LIST = "/api/v1/tenants/{tenantID}/dashboards/{dashboardID}/shares";

const sharedKey = (tenantID: string) => [tenantID, "dashboard", "list", "shared"];

/** How many working share links each dashboard has that has any. */
export function useSharedDashboards({ enabled }: { enabled: boolean }) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: sharedKey(tenantID),
    queryFn: async ({ signal }): Promise<ReadonlyMap<string, number>> => {
      const { items } = await api.get("/api/v1/tenants/{tenantID}/dashboards/shares", {
        path: { tenantID },
        signal,
      });
      return new Map(items.map(({ dashboardID, count }) => [dashboardID, count]));
    },
    enabled,
  });
}

/** The share links of a dashboard, and the operations on them. */
export function useShares(dashboardID: string) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  const queryKey = [...keys.one(tenantID, "dashboard", dashboardID), "shares"];
  const path = { tenantID, dashboardID };
  const onSuccess = () =>
    Promise.all(
      [queryKey, sharedKey(tenantID)].map((changed) => client.invalidateQueries({ queryKey: changed })),
    );
  const list = useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<Share[]> => (await api.get(LIST, { path, signal })).items,
  });
  const create = useMutation({
    mutationFn: (body: ShareDraft): Promise<NewLink> => api.post(LIST, { path, body }),
    onSuccess,
  });
  const revoke = useMutation({
    mutationFn: (shareID: string) => api.delete(`${LIST}/{shareID}`, { path: { ...path, shareID } }),
    onSuccess,
  });
  return { list, create, revoke };
}

/** What a share link shows. */
export function useSharedDashboard(token: string) {
  return useQuery({
    queryKey: ["shared", token],
    queryFn: ({ signal }): Promise<SharedDashboard> =>
      api.get("/api/v1/shared/{token}", { path: { token }, signal, anonymous: true }),
    retry: false,
    staleTime: Infinity,
  });
}
