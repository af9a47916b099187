import { useQuery } from "@tanstack/react-query";
import { useTenantID } from "@/lib/tenant";
import { api } from "./client";
import type { JsonObject, QueryResult } from "./model";
import { keys } from "./keys";

/** What a widget draws: a query's result. */
export type WidgetData = Omit<QueryResult, "affectedRows">;

/** What a saved widget draws, with a dashboard's variables put in. */
export function useWidgetData(id: string | undefined, variables: JsonObject, options: { enabled?: boolean } = {}) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: [...keys.one(tenantID, "widget", id ?? ""), "data", variables],
    queryFn: ({ signal }): Promise<WidgetData | null> => api.post("/api/v1/tenants/{tenantID}/widgets/{widgetID}/data", { path: { tenantID, widgetID: id ?? "" }, body: { variables }, signal }),
    staleTime: 30_000,
    enabled: id !== undefined && options.enabled !== false,
  });
}
