import {
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueries,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { api } from "@/lib/api/client";
import { keys } from "@/lib/api/keys";
import type { CronPreview, TriggerState } from "@/lib/api/model";
import { useTenantID } from "@/lib/tenant";

const cronPreview = (tenantID: string, cron: string, timezone: string) =>
  queryOptions({
    queryKey: [tenantID, "cron-preview", cron, timezone],
    queryFn: ({ signal }): Promise<CronPreview> =>
      api.post("/api/v1/tenants/{tenantID}/workflows/cron-preview", {
        path: { tenantID },
        body: { cron, timezone },
        signal,
      }),
    enabled: cron.trim() !== "",
    retry: false,
    staleTime: 30_000,
  });

/** Loads the description of a cron expression and its next times. */
export function useCronPreview(cron: string, timezone: string) {
  return useQuery({ ...cronPreview(useTenantID(), cron, timezone), placeholderData: keepPreviousData });
}

/** How often the next times are loaded again: the first of five may be a second away. */
const REFRESH_MS = 60_000;

/** Returns the next times of several schedules, sorted; none until they are loaded. Equal schedules need one request. */
export function useNextTimes(schedules: readonly { cron: string; timezone: string }[]): readonly string[] {
  const tenantID = useTenantID();
  return useQueries({
    queries: schedules.map(({ cron, timezone }) => ({
      ...cronPreview(tenantID, cron, timezone),
      refetchInterval: REFRESH_MS,
    })),
    combine: (previews) => previews.flatMap(({ data }) => data?.times ?? []).sort(),
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
