import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useTenantID } from "@/lib/tenant";
import { api, tenantPath, type Query } from "./client";
import type {
  ApiKey,
  AuditEntry,
  Dashboard,
  DashboardDraft,
  DataQuery,
  DataQueryDraft,
  Datasource,
  DatasourceDraft,
  Instance,
  Invitation,
  Member,
  Page,
  Role,
  RoleDraft,
  Version,
  Widget,
  WidgetDraft,
  Workflow,
  WorkflowDraft,
} from "./model";

/** Every collection inside a tenant: what it holds and what makes a new one. */
export interface Kinds {
  datasource: { record: Datasource; draft: DatasourceDraft };
  dataquery: { record: DataQuery; draft: DataQueryDraft };
  widget: { record: Widget; draft: WidgetDraft };
  dashboard: { record: Dashboard; draft: DashboardDraft };
  workflow: { record: Workflow; draft: WorkflowDraft };
  role: { record: Role; draft: RoleDraft };
  member: { record: Member; draft: never };
  invitation: { record: Invitation; draft: { email: string; roleID: string } };
  apikey: { record: ApiKey; draft: { name: string; roleID: string; expiresAt?: string | null } };
  audit: { record: AuditEntry; draft: never };
  instance: { record: Instance; draft: never };
}

export type Kind = keyof Kinds;
export type RecordOf<K extends Kind> = Kinds[K]["record"];
export type Draft<K extends Kind> = Kinds[K]["draft"];
/** A JSON merge patch: what is absent stays, what is null is cleared. */
export type Patch<K extends Kind> = { [P in keyof Draft<K>]?: Draft<K>[P] | null };

/** Each collection's path below the tenant. */
export const collections: Record<Kind, string> = {
  datasource: "datasources",
  dataquery: "data-queries",
  widget: "widgets",
  dashboard: "dashboards",
  workflow: "workflows",
  role: "roles",
  member: "members",
  invitation: "invitations",
  apikey: "api-keys",
  audit: "audit-logs",
  instance: "workflows/instances",
};

/** Collections that always come as a whole: searching and sorting them is the client's part. */
export const whole: ReadonlySet<Kind> = new Set(["member", "invitation", "apikey"]);

export const keys = {
  kind: (tenantID: string, kind: Kind) => [tenantID, kind] as const,
  list: (tenantID: string, kind: Kind, params: Query) => [tenantID, kind, "list", params] as const,
  one: (tenantID: string, kind: Kind, id: string) => [tenantID, kind, "one", id] as const,
};

/** The server's path of a collection, of one object in it, or of something of that object. */
export function kindPath(tenantID: string, kind: Kind, ...segments: string[]): string {
  return tenantPath(tenantID, collections[kind], ...segments);
}

export interface ListParams extends Query {
  q?: string;
  sort?: string;
  limit?: number;
}

/** A collection page by page; `items` is what has been loaded so far. */
export function useList<K extends Kind>(kind: K, params: ListParams = {}, options: { enabled?: boolean; refetchInterval?: number } = {}) {
  const tenantID = useTenantID();
  const query = useInfiniteQuery({
    queryKey: keys.list(tenantID, kind, params),
    queryFn: ({ pageParam, signal }) => api.get<Page<RecordOf<K>>>(kindPath(tenantID, kind), { query: { ...params, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor ?? null,
    placeholderData: keepPreviousData,
    ...options,
  });
  const pages = query.data?.pages;
  const items = pages?.flatMap((page) => page.items);
  return { ...query, items, total: pages?.[0]?.total ?? items?.length };
}

export function useOne<K extends Kind>(kind: K, id: string | undefined, options: { enabled?: boolean; refetchInterval?: number } = {}) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: keys.one(tenantID, kind, id ?? ""),
    queryFn: ({ signal }) => api.get<RecordOf<K>>(kindPath(tenantID, kind, id ?? ""), { signal }),
    ...options,
    enabled: id !== undefined && options.enabled !== false,
  });
}

export function useVersions<K extends Kind>(kind: K, id: string, options: { enabled?: boolean } = {}) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: [...keys.one(tenantID, kind, id), "versions"],
    queryFn: ({ signal }) => api.get<Page<Version>>(kindPath(tenantID, kind, id, "versions"), { signal }),
    ...options,
  });
}

function invalidateLists(client: QueryClient, tenantID: string, kind: Kind) {
  return client.invalidateQueries({ queryKey: [tenantID, kind, "list"] });
}

export function useCreate<K extends Kind>(kind: K) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (draft: Draft<K>) => api.post<RecordOf<K>>(kindPath(tenantID, kind), draft),
    onSuccess: () => invalidateLists(client, tenantID, kind),
  });
}

export interface PatchInput<K extends Kind> {
  id: string;
  patch: Patch<K>;
  /** The version the change was made on; the server answers 412 when it is no longer the newest. */
  version?: number;
}

export function usePatch<K extends Kind>(kind: K) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, patch, version }: PatchInput<K>) => api.patch<RecordOf<K>>(kindPath(tenantID, kind, id), patch, { headers: ifMatch(version) }),
    onSuccess: (record, { id }) => {
      client.setQueryData(keys.one(tenantID, kind, id), record);
      return invalidateLists(client, tenantID, kind);
    },
  });
}

export function useDelete<K extends Kind>(kind: K) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, version, cascade }: { id: string; version?: number; cascade?: boolean }) =>
      api.delete(kindPath(tenantID, kind, id), { headers: ifMatch(version), query: { cascade } }),
    onSuccess: (_, { id }) => {
      client.removeQueries({ queryKey: keys.one(tenantID, kind, id), type: "inactive" });
      // What else went with it is not known here: every list of the tenant is read again when it is next seen.
      return client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === tenantID && queryKey[2] === "list" });
    },
  });
}

export function useClone<K extends Kind>(kind: K) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, name }: { id: string; name?: string }) => api.post<RecordOf<K>>(kindPath(tenantID, kind, id, "clone"), name ? { name } : {}),
    onSuccess: () => invalidateLists(client, tenantID, kind),
  });
}

const ifMatch = (version: number | undefined): Record<string, string> => (version === undefined ? {} : { "if-match": `"${version}"` });
