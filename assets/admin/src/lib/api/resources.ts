import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type QueryClient,
} from "@tanstack/react-query";
import { useTenantID } from "@/lib/tenant";
import { learnChange, tellChange } from "./changes";
import { request } from "./client";
import type { Answer, Below, Body, Method, Path, PathOf, Search } from "./contract";
import { keys } from "./keys";
import type * as model from "./model";

/** Each collection's path below the tenant. */
export const collections = {
  datasource: "datasources",
  file: "files",
  variable: "variables",
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
} as const satisfies Record<string, Below<"/api/v1/tenants/{tenantID}/", "get">>;

export type Kind = keyof typeof collections;

/** Every collection of a tenant: its record type, the type to create one, and the response to that. */
interface Kinds {
  datasource: Kept<model.Datasource, model.DatasourceDraft>;
  file: Kept<model.File, model.FileDraft>;
  variable: Kept<model.Variable, model.VariableDraft>;
  dataquery: Kept<model.DataQuery, model.DataQueryDraft>;
  widget: Kept<model.Widget, model.WidgetDraft>;
  dashboard: Kept<model.Dashboard, model.DashboardDraft>;
  workflow: Kept<model.Workflow, model.WorkflowDraft>;
  role: Kept<model.Role, model.RoleDraft>;
  member: Kept<model.Member>;
  invitation: Kept<model.Invitation, model.InvitationDraft, model.NewInvitation>;
  apikey: Kept<model.ApiKey, model.ApiKeyDraft, model.NewApiKey>;
  audit: Kept<model.AuditEntry>;
  instance: Kept<model.Instance>;
}

interface Kept<R, D = never, C = R> {
  record: R;
  draft: D;
  created: C;
}

type ListPath<K extends Kind> = `/api/v1/tenants/{tenantID}/${(typeof collections)[K]}`;
type OnePath<K extends Kind> = Exclude<
  Extract<Path, `${ListPath<K>}/{${string}}`>,
  `${ListPath<K>}/{${string}}/${string}`
>;

/** The kinds for which the server has a method on a single record. */
export type KindWith<M extends Method, Part extends string = ""> = {
  [K in Kind]: [Extract<PathOf<M>, `${OnePath<K>}${Part}`>] extends [never] ? never : K;
}[Kind];
/** The kinds that are created from JSON: files are created from their bytes. */
export type Creatable = {
  [K in Kind]: ListPath<K> extends PathOf<"post">
    ? [Body<ListPath<K>, "post">] extends [never]
      ? never
      : K
    : never;
}[Kind];
export type Readable = KindWith<"get">;
export type Editable = Readable & KindWith<"patch">;
export type Deletable = KindWith<"delete">;
export type Clonable = KindWith<"post", "/clone">;

/** Checks every kind's types against the document's types of its paths. */
type Checked<
  T extends {
    [K in Kind]: { record: Answer<ListPath<K>, "get"> extends model.Items<infer R> ? R : never };
  } & { [K in Readable]: { record: Answer<OnePath<K>, "get"> } } & {
    [K in Creatable]: { draft: Body<ListPath<K>, "post">; created: Answer<ListPath<K>, "post"> };
  } & { [K in Editable]: { draft: Body<OnePath<K>, "patch"> } },
> = T;

export type RecordOf<K extends Kind> = Checked<Kinds>[K]["record"];
export type Draft<K extends Kind> = Kinds[K]["draft"];
type Created<K extends Kind> = Kinds[K]["created"];
/** A JSON merge patch: absent fields stay, null clears. */
export type Patch<K extends Kind> = { [P in keyof Draft<K>]?: Draft<K>[P] | null };

/** Collections that are always returned as a whole: the client searches and sorts them. */
export const unpaged: ReadonlySet<Kind> = new Set(["member", "invitation", "apikey"]);

/**
 * Returns the path of a collection, of a record or of something below it; the types of the hooks restrict which exist.
 */
export function kindPath(tenantID: string, kind: Kind, ...segments: string[]): string {
  return `/api/v1/tenants/${encodeURIComponent(tenantID)}/${[collections[kind], ...segments.map(encodeURIComponent)].join("/")}`;
}

export function readOne<K extends Readable>(
  tenantID: string,
  kind: K,
  id: string,
  signal?: AbortSignal,
): Promise<RecordOf<K>> {
  return request("get", kindPath(tenantID, kind, id), signal ? { signal } : {});
}

export const createOne = <K extends Creatable>(tenantID: string, kind: K, draft: Draft<K>) =>
  request<Created<K>>("post", kindPath(tenantID, kind), { body: draft });

export const deleteOne = (tenantID: string, kind: Deletable, id: string, query: { cascade?: boolean } = {}) =>
  request<undefined>("delete", kindPath(tenantID, kind, id), { query });

export const cloneOne = <K extends Clonable>(tenantID: string, kind: K, id: string, name?: string) =>
  request<RecordOf<K>>("post", kindPath(tenantID, kind, id, "clone"), { body: name ? { name } : {} });

type ListSearch<K extends Kind> = Search<ListPath<K>, "get">;
type AnySearch = ListSearch<"widget"> & ListSearch<"instance"> & ListSearch<"audit">;

/** How to search, sort and limit a list, and filters that some lists have. */
export type ListParams = { [P in keyof AnySearch]?: AnySearch[P] | null };

/** Loads a collection page by page; `items` is what has been loaded so far. */
export function useList<K extends Kind>(
  kind: K,
  params: ListParams = {},
  options: { enabled?: boolean } = {},
) {
  const tenantID = useTenantID();
  const query = useInfiniteQuery({
    queryKey: keys.list(tenantID, kind, params),
    queryFn: ({ pageParam, signal }) =>
      request<model.Items<RecordOf<K>> & Partial<model.Page<RecordOf<K>>>>("get", kindPath(tenantID, kind), {
        query: { ...params, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor ?? null,
    placeholderData: keepPreviousData,
    ...options,
  });
  const pages = query.data?.pages;
  const items = pages?.flatMap((page) => page.items);
  return { ...query, items, total: pages?.[0]?.total ?? items?.length };
}

export function useOne<K extends Readable>(
  kind: K,
  id: string | undefined,
  options: {
    enabled?: boolean;
    refetchInterval?: number;
    /** Returns the new data with the parts of the old that are equal; by default every part is compared. */
    structuralSharing?: (old: unknown, next: unknown) => unknown;
  } = {},
) {
  const tenantID = useTenantID();
  return useQuery({
    queryKey: keys.one(tenantID, kind, id ?? ""),
    queryFn: ({ signal }) => readOne(tenantID, kind, id ?? "", signal),
    ...options,
    enabled: id !== undefined && options.enabled !== false,
  });
}

/** Creates a record; lists and counts are reloaded in every tab. */
function made(client: QueryClient, tenantID: string, kind: Kind, created: object) {
  const isShared = !("dashboardID" in created) || created.dashboardID === null;
  tellChange({ tenantID, kind, ...("id" in created && isShared ? { made: String(created.id) } : {}) });
  return learnChange(client, { tenantID, kind });
}

export function useCreate<K extends Creatable>(kind: K) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (draft: Draft<K>) => createOne(tenantID, kind, draft),
    onSuccess: (created) => made(client, tenantID, kind, created),
  });
}

export interface PatchInput<K extends Editable> {
  id: string;
  patch: Patch<K>;
  /** The version that the change is based on; the server responds with 412 if there is a newer one. */
  version?: number;
}

export const patchOne = <K extends Editable>(
  tenantID: string,
  kind: K,
  { id, patch, version }: PatchInput<K>,
) => request<RecordOf<K>>("patch", kindPath(tenantID, kind, id), { body: patch, headers: ifMatch(version) });

export function usePatch<K extends Editable>(kind: K) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: PatchInput<K>) => patchOne(tenantID, kind, input),
    onSuccess: (record, { id }) => {
      client.setQueryData(keys.one(tenantID, kind, id), record);
      tellChange({ tenantID, kind, id });
      void client.invalidateQueries({ queryKey: keys.versions(tenantID, kind, id) });
      return client.invalidateQueries({ queryKey: [tenantID, kind, "list"] });
    },
  });
}

export function useDelete(kind: Deletable) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, version, cascade }: { id: string; version?: number; cascade?: boolean }) =>
      request<undefined>("delete", kindPath(tenantID, kind, id), {
        headers: ifMatch(version),
        query: { cascade },
      }),
    onSuccess: (_, { id }) => {
      client.removeQueries({ queryKey: keys.one(tenantID, kind, id), type: "inactive" });
      tellChange({ tenantID, kind, id, gone: true });
      return learnChange(client, { tenantID, kind, gone: true });
    },
  });
}

export function useClone<K extends Clonable>(kind: K) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, name }: { id: string; name?: string }) => cloneOne(tenantID, kind, id, name),
    onSuccess: (created) => made(client, tenantID, kind, created),
  });
}

const ifMatch = (version: number | undefined): Record<string, string> =>
  version === undefined ? {} : { "if-match": `"${version}"` };
