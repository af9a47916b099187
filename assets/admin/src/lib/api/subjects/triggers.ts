import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/lib/api/client";
import { keys } from "@/lib/api/keys";
import type { CronPreview, TriggerState } from "@/lib/api/model";
import { useTenantID } from "@/lib/tenant";

/** Loads the description of a cron expression and its next times. */
export function useCronPreview(cron: string, timezone: string) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: [tenantID, "cron-preview", cron, timezone],
    queryFn: ({ signal }): Promise<CronPreview> =>
      api.post("/api/v1/tenants/{tenantID}/workflows/cron-preview", {
        path: { tenantID },
        body: { cron, timezone },
        signal,
      }),
    enabled: cron.trim() !== "",
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 30_000,
  });
}

/** Replaces the URL of a webhook; the old one stops working. */
export function useRotateWebhook(workflowID: string) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (triggerID: string): Promise<TriggerState> =>
      api.post("/api/v1/tenants/{tenantID}/workflows/{workflowID}/triggers/{triggerID}/rotate", {
        path: { tenantID, workflowID, triggerID },
      }),
    onSuccess: () =>
      client.invalidateQueries({ queryKey: keys.one(tenantID, "workflow", workflowID), exact: true }),
  });
}
