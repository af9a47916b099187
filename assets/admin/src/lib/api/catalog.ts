import { useQuery } from "@tanstack/react-query";
import { api } from "./client";
import type { DatasourceType, NodeType, WidgetType } from "./model";

/** What the server can do does not change while it runs. */
function useCatalog<T>(name: string) {
  return useQuery({
    queryKey: ["catalog", name],
    queryFn: async ({ signal }) => (await api.get<{ items: T[] }>(`/api/v1/${name}`, { signal })).items,
    staleTime: Infinity,
  });
}

export const useDatasourceTypes = () => useCatalog<DatasourceType>("datasource-types");
export const useWidgetTypes = () => useCatalog<WidgetType>("widget-types");
export const useNodeTypes = () => useCatalog<NodeType>("node-types");
