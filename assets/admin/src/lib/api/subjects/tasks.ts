import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/lib/api/client";
import { keys } from "@/lib/api/keys";
import { useCan } from "@/lib/api/me";
import type { Decision, Instance, Items, JsonObject, OpenTask } from "@/lib/api/model";
import { useTenantID } from "@/lib/tenant";

export const tasksKey = (tenantID: string) => [tenantID, "task", "list"];

/** Loads the open approvals that the caller may see. */
export function useTasks() {
  const can = useCan();
  const tenantID = useTenantID();
  return useQuery({
    queryKey: tasksKey(tenantID),
    queryFn: async ({ signal }) =>
      (
        (await api.get("/api/v1/tenants/{tenantID}/workflows/tasks", {
          path: { tenantID },
          signal,
        })) as Items<OpenTask>
      ).items,
    enabled: can("workflow:list") && can("workflow:read"),
  });
}

/** Answers the approval of a run's step. */
export function useAnswerTask() {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({
      instanceID,
      taskID,
      decision,
      data,
    }: {
      instanceID: string;
      taskID: string;
      decision: Decision;
      data: JsonObject | null;
    }): Promise<Instance> =>
      api.post("/api/v1/tenants/{tenantID}/workflows/instances/{instanceID}/tasks/{taskID}", {
        path: { tenantID, instanceID, taskID },
        body: { decision, data },
      }),
    onSettled: (_, __, { instanceID }) => {
      void client.invalidateQueries({ queryKey: tasksKey(tenantID) });
      void client.invalidateQueries({ queryKey: keys.one(tenantID, "instance", instanceID) });
      return client.invalidateQueries({ queryKey: [tenantID, "instance", "list"] });
    },
  });
}
