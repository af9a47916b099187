import { useQuery } from "@tanstack/react-query";
import { useTenantID } from "@/lib/tenant";
import { api } from "./client";
import type { DataQueryDraft, JsonObject, QueryResult, QueryRun } from "./model";
import { keys, kindPath } from "./resources";

/** Runs a saved query. */
export function executeQuery(tenantID: string, id: string, parameters: JsonObject, signal?: AbortSignal): Promise<QueryResult> {
  return api.post<QueryResult>(kindPath(tenantID, "dataquery", id, "execute"), { parameters }, signal ? { signal } : {});
}

/** Runs a query as it stands in the editor, without saving it. */
export function testQuery(tenantID: string, query: DataQueryDraft, parameters: JsonObject, signal?: AbortSignal): Promise<QueryResult> {
  return api.post<QueryResult>(kindPath(tenantID, "dataquery", "test"), { ...query, values: parameters }, signal ? { signal } : {});
}

/** Who ran a query, when, and what came of it; the latest first. */
export function useQueryRuns(id: string) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: [...keys.one(tenantID, "dataquery", id), "runs"],
    queryFn: ({ signal }) => api.get<{ items: QueryRun[] }>(kindPath(tenantID, "dataquery", id, "runs"), { signal }),
    staleTime: 0,
  });
}
