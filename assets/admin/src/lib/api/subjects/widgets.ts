import { useQuery } from "@tanstack/react-query";
import { api } from "@/lib/api/client";
import { keys } from "@/lib/api/keys";
import type { JsonObject, QueryResult } from "@/lib/api/model";
import { useTenantID } from "@/lib/tenant";

/** Loads the data of a widget: a query's result. */
export type WidgetData = Omit<QueryResult, "affectedRows">;

/** Loads the data of a saved widget, with a dashboard's variables. */
export function useWidgetData(
  id: string | undefined,
  variables: JsonObject,
  options: { enabled?: boolean } = {},
) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: [...keys.one(tenantID, "widget", id ?? ""), "data", variables],
    queryFn: ({ signal }): Promise<WidgetData | null> =>
      api.post("/api/v1/tenants/{tenantID}/widgets/{widgetID}/data", {
        path: { tenantID, widgetID: id ?? "" },
        body: { variables },
        signal,
      }),
    staleTime: 30_000,
    enabled: id !== undefined && options.enabled !== false,
  });
}
