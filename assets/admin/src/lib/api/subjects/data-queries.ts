import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, url, withQuery } from "@/lib/api/client";
import { keys } from "@/lib/api/keys";
import type {
  DataQueryDraft,
  ExportFormat,
  Items,
  JsonObject,
  QueryAsk,
  QueryEffect,
  QueryResult,
  QueryRun,
} from "@/lib/api/model";
import { saveAnswer, type SaveProgress } from "@/lib/http/download";
import { useStable } from "@/lib/stable";
import { useTenantID } from "@/lib/tenant";

/** The draft of a query without parameters. */
export const plainQuery = (datasourceID: string, sql: string): DataQueryDraft => ({
  name: "",
  description: "",
  datasourceID,
  options: { sql },
  parameters: [],
  columns: [],
  transformer: null,
  cacheSeconds: 0,
  timeoutMs: 30_000,
  maxRows: 10_000,
  runOnLoad: false,
});

/** Runs a saved query. */
export function executeQuery(
  tenantID: string,
  id: string,
  ask: QueryAsk,
  signal?: AbortSignal,
): Promise<QueryResult> {
  return api.post("/api/v1/tenants/{tenantID}/data-queries/{queryID}/execute", {
    path: { tenantID, queryID: id },
    body: ask,
    ...(signal && { signal }),
  });
}

/** Runs a query as it is in the editor, without saving it. */
export function testQuery(
  tenantID: string,
  query: DataQueryDraft,
  { parameters, ...ask }: QueryAsk,
  signal?: AbortSignal,
): Promise<QueryResult> {
  return api.post("/api/v1/tenants/{tenantID}/data-queries/test", {
    path: { tenantID },
    body: { ...query, values: parameters, ...ask },
    ...(signal && { signal }),
  });
}

/** Runs a saved query only to show its rows: the server refuses one that changes data. */
export const showQuery = (
  tenantID: string,
  id: string,
  ask: QueryAsk,
  signal?: AbortSignal,
): Promise<QueryResult> => executeQuery(tenantID, id, { ...ask, mustRead: true }, signal);

/** Runs an unsaved query only to show its rows: the server refuses one that changes data. */
export const showDraft = (
  tenantID: string,
  query: DataQueryDraft,
  ask: QueryAsk,
  signal?: AbortSignal,
): Promise<QueryResult> => testQuery(tenantID, query, { ...ask, mustRead: true }, signal);

/** What decides whether a query changes data. */
type Effective = Pick<DataQueryDraft, "datasourceID" | "options" | "effect">;

/** The answer to whether a query changes data, by what decides it. */
const effectOf = (tenantID: string, { datasourceID, options, effect = null }: Effective) =>
  queryOptions({
    queryKey: [...keys.one(tenantID, "datasource", datasourceID), "effect", options, effect],
    queryFn: ({ signal }): Promise<QueryEffect> =>
      api.post("/api/v1/tenants/{tenantID}/data-queries/effect", {
        path: { tenantID },
        body: { datasourceID, options, effect },
        signal,
      }),
    staleTime: Infinity,
  });

/** Returns a function that asks whether a query changes data, unless that is known. */
export function useAskEffect(): (query: Effective) => Promise<QueryEffect> {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return (query) => client.fetchQuery(effectOf(tenantID, query));
}

/** Whether a query as it is in an editor changes data; undefined until the server has answered. */
export function useQueryEffect(query: Effective | undefined): QueryEffect | undefined {
  const tenantID = useTenantID();
  const { datasourceID = "", options = {}, effect = null } = query ?? {};
  const given = useStable({ datasourceID, options, effect });
  const [asked] = useDebouncedValue(given, 250);
  const enabled = query !== undefined && asked.datasourceID !== "";
  return useQuery({ ...effectOf(tenantID, asked), placeholderData: keepPreviousData, enabled }).data;
}

/** Exports all rows of a saved query to a file; false if the user cancelled the file dialog. */
export function exportQuery(
  tenantID: string,
  id: string,
  parameters: JsonObject,
  options: { format: ExportFormat; headers?: "labels" },
  progress: SaveProgress,
): Promise<boolean> {
  const path = url("/api/v1/tenants/{tenantID}/data-queries/{queryID}/export", { tenantID, queryID: id });
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ parameters }),
  };
  return saveAnswer(withQuery(path, options), init, progress);
}

/** The executions of a query, latest first. */
export function useQueryRuns(id: string) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: [...keys.one(tenantID, "dataquery", id), "runs"],
    queryFn: ({ signal }): Promise<Items<QueryRun>> =>
      api.get("/api/v1/tenants/{tenantID}/data-queries/{queryID}/runs", {
        path: { tenantID, queryID: id },
        signal,
      }),
    staleTime: 0,
  });
}
