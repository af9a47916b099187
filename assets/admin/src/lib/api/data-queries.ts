import { useQuery } from "@tanstack/react-query";
import { useTenantID } from "@/lib/tenant";
import { api } from "./client";
import type { DataQueryDraft, Items, JsonObject, QueryResult, QueryRun } from "./model";
import { keys } from "./resources";

/** Runs a saved query. */
export function executeQuery(tenantID: string, id: string, parameters: JsonObject, signal?: AbortSignal): Promise<QueryResult> {
  return api.post("/api/v1/tenants/{tenantID}/data-queries/{queryID}/execute", { path: { tenantID, queryID: id }, body: { parameters }, ...(signal && { signal }) });
}

/** Runs a query as it stands in the editor, without saving it. */
export function testQuery(tenantID: string, query: DataQueryDraft, parameters: JsonObject, signal?: AbortSignal): Promise<QueryResult> {
  return api.post("/api/v1/tenants/{tenantID}/data-queries/test", { path: { tenantID }, body: { ...query, values: parameters }, ...(signal && { signal }) });
}

/** Who ran a query, when, and what came of it; the latest first. */
export function useQueryRuns(id: string) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: [...keys.one(tenantID, "dataquery", id), "runs"],
    queryFn: ({ signal }): Promise<Items<QueryRun>> => api.get("/api/v1/tenants/{tenantID}/data-queries/{queryID}/runs", { path: { tenantID, queryID: id }, signal }),
    staleTime: 0,
  });
}
