import { useQuery } from "@tanstack/react-query";
import { inLanguage } from "@/lib/i18n";
import { api } from "./client";
import type { DatasourceType, Items, NodeType, TriggerType, WidgetType } from "./model";

/** The server's capabilities do not change while it runs. */
function useCatalog<T>(name: string, read: (options: { signal: AbortSignal }) => Promise<Items<T>>) {
  return useQuery({
    queryKey: ["catalog", name],
    queryFn: async ({ signal }) => inLanguage((await read({ signal })).items),
    staleTime: Infinity,
  });
}

export const useDatasourceTypes = () =>
  useCatalog<DatasourceType>("datasource-types", (options) => api.get("/api/v1/datasource-types", options));
export const useWidgetTypes = () =>
  useCatalog<WidgetType>("widget-types", (options) => api.get("/api/v1/widget-types", options));
export const useNodeTypes = () =>
  useCatalog<NodeType>("node-types", (options) => api.get("/api/v1/node-types", options));
export const useTriggerTypes = () =>
  useCatalog<TriggerType>("trigger-types", (options) => api.get("/api/v1/trigger-types", options));
