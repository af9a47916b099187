import { useMutation, useQuery } from "@tanstack/react-query";
import { useTenantID } from "@/lib/tenant";
import { api } from "./client";
import type { DatasourceSchema, DatasourceTest, JsonObject } from "./model";
import { keys, kindPath } from "./resources";

/** Tables and columns of a datasource, as they are now. */
export function useDatasourceSchema(id: string | undefined, options: { enabled?: boolean } = {}) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: [...keys.one(tenantID, "datasource", id ?? ""), "schema"],
    queryFn: ({ signal }) => api.get<DatasourceSchema>(kindPath(tenantID, "datasource", id ?? "", "schema"), { signal }),
    staleTime: 5 * 60_000,
    enabled: id !== undefined && options.enabled !== false,
  });
}

/** Tries a connection: a saved one by its id, or one that is not saved yet. */
export function useTestDatasource() {
  const tenantID = useTenantID();
  return useMutation({
    mutationFn: (target: { id: string } | { type: string; options: JsonObject }) =>
      "id" in target
        ? api.post<DatasourceTest>(kindPath(tenantID, "datasource", target.id, "test"))
        : api.post<DatasourceTest>(kindPath(tenantID, "datasource", "test"), target),
  });
}
