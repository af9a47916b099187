import { useMutation, useQuery } from "@tanstack/react-query";
import { useTenantID } from "@/lib/tenant";
import { api } from "./client";
import type { DatasourceTest, Items, JsonObject, SchemaTable } from "./model";
import { keys } from "./resources";

/** Tables and columns of a datasource, as they are now. */
export function useDatasourceSchema(id: string | undefined, options: { enabled?: boolean } = {}) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: [...keys.one(tenantID, "datasource", id ?? ""), "schema"],
    queryFn: ({ signal }): Promise<Items<SchemaTable>> => api.get("/api/v1/tenants/{tenantID}/datasources/{datasourceID}/schema", { path: { tenantID, datasourceID: id ?? "" }, signal }),
    staleTime: 5 * 60_000,
    enabled: id !== undefined && options.enabled !== false,
  });
}

/** Tries a connection: a saved one by its id, or one that is not saved yet. */
export function useTestDatasource() {
  const tenantID = useTenantID();
  return useMutation({
    mutationFn: (target: { id: string } | { type: string; options: JsonObject }): Promise<DatasourceTest> =>
      "id" in target
        ? api.post("/api/v1/tenants/{tenantID}/datasources/{datasourceID}/test", { path: { tenantID, datasourceID: target.id } })
        : api.post("/api/v1/tenants/{tenantID}/datasources/test", { path: { tenantID }, body: target }),
  });
}
