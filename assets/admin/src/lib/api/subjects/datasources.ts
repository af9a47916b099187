import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/lib/api/client";
import { learnChange, tellChange } from "@/lib/api/changes";
import { keys } from "@/lib/api/keys";
import { useCan } from "@/lib/api/me";
import type {
  Dashboard,
  DatasourceDraft,
  DatasourceTest,
  FilePreview,
  Items,
  JsonObject,
  SchemaTable,
  TableAppDraft,
} from "@/lib/api/model";
import { useTenantID } from "@/lib/tenant";

const schemaKey = (tenantID: string, id: string) => [...keys.one(tenantID, "datasource", id), "schema"];

function readSchema(
  tenantID: string,
  id: string,
  query: { refresh?: boolean },
  signal?: AbortSignal,
): Promise<Items<SchemaTable>> {
  return api.get("/api/v1/tenants/{tenantID}/datasources/{datasourceID}/schema", {
    path: { tenantID, datasourceID: id },
    query,
    ...(signal && { signal }),
  });
}

/** Tables and columns of a datasource, as the server last read them. */
export function useDatasourceSchema(id: string | undefined, options: { enabled?: boolean } = {}) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: schemaKey(tenantID, id ?? ""),
    queryFn: ({ signal }) => readSchema(tenantID, id ?? "", {}, signal),
    staleTime: 5 * 60_000,
    enabled: id !== undefined && options.enabled !== false,
  });
}

/** Makes the server reload the tables and columns. */
export function useRefreshSchema(id: string) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => readSchema(tenantID, id, { refresh: true }),
    onSuccess: (schema) => client.setQueryData(schemaKey(tenantID, id), schema),
  });
}

/** Previews how a datasource with these options would read its file; reloads when they change. */
export function useFilePreview(type: DatasourceDraft["type"], options: JsonObject) {
  const tenantID = useTenantID();
  const can = useCan();
  const [settled] = useDebouncedValue(options, 300);
  const file = settled["fileID"];
  return useQuery({
    queryKey: [...keys.one(tenantID, "file", typeof file === "string" ? file : ""), "preview", type, settled],
    queryFn: ({ signal }): Promise<FilePreview> =>
      api.post("/api/v1/tenants/{tenantID}/datasources/preview", {
        path: { tenantID },
        body: { type, options: settled },
        signal,
      }),
    enabled: typeof file === "string" && can("datasource:test") && can("datasource:create"),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** Tests a connection: a saved one by its id, or an unsaved one. */
export function useTestDatasource() {
  const tenantID = useTenantID();
  return useMutation({
    mutationFn: (
      target: { id: string } | { type: DatasourceDraft["type"]; options: JsonObject },
    ): Promise<DatasourceTest> =>
      "id" in target
        ? api.post("/api/v1/tenants/{tenantID}/datasources/{datasourceID}/test", {
            path: { tenantID, datasourceID: target.id },
          })
        : api.post("/api/v1/tenants/{tenantID}/datasources/test", { path: { tenantID }, body: target }),
  });
}

/** Creates the queries, widgets and dashboard of an app from a table. */
export function useCreateApp(datasourceID: string) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: TableAppDraft): Promise<Dashboard> =>
      api.post("/api/v1/tenants/{tenantID}/datasources/{datasourceID}/apps", {
        path: { tenantID, datasourceID },
        body,
      }),
    onSuccess: async () => {
      for (const kind of ["dataquery", "widget", "dashboard"] as const) {
        tellChange({ tenantID, kind });
        await learnChange(client, { tenantID, kind });
      }
    },
  });
}
