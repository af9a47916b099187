import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/lib/api/client";
import type { UserConfig } from "@/lib/api/model";
import { useTenantID } from "@/lib/tenant";

/** A user's settings in a tenant, stored on the server for every browser. */
export function useUserConfig() {
  const tenantID = useTenantID();
  const client = useQueryClient();
  const path = { tenantID };
  const queryKey = [tenantID, "user-config"];
  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<UserConfig> =>
      (await api.get("/api/v1/auth/config/{tenantID}", { path, signal })).config,
    staleTime: Infinity,
  });
  const change = useMutation({
    mutationFn: (changes: UserConfig) =>
      api.post("/api/v1/auth/config/{tenantID}", { path, body: { config: { ...query.data, ...changes } } }),
    onMutate: (changes) => client.setQueryData<UserConfig>(queryKey, (old) => ({ ...old, ...changes })),
    onError: () => client.invalidateQueries({ queryKey }),
  });
  return { config: query.data, change: (changes: UserConfig) => change.mutate(changes) };
}
