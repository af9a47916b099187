import { session } from "@/lib/session";
import { isApiError, networkError, toApiError } from "./errors";

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface RequestOptions {
  query?: Query;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Sends no token: for what is open to everybody. */
  anonymous?: boolean;
}

const TENANT_PATH = /^\/api\/v1\/tenants\/([^/?]+)/;

/** The path of something inside a tenant; every segment is escaped. */
export function tenantPath(tenantID: string, ...segments: string[]): string {
  return ["/api/v1/tenants", tenantID, ...segments.flatMap((segment) => segment.split("/"))].map((part, index) => (index ? encodeURIComponent(part) : part)).join("/");
}

export function withQuery(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(key, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

/**
 * `fetch` with the session's token and the tenant that the path names. A token that the server calls
 * expired or void is replaced once. Throws `ApiError` for every answer that is not a success.
 */
export async function authFetch(path: string, init: RequestInit = {}): Promise<Response> {
  const idToken = await session.idToken();
  const response = await send(path, init, idToken);
  if (response.ok) return response;
  const error = await toApiError(response);
  if (response.status !== 401 || idToken === null) throw error;
  const renewed = await session.idToken(idToken);
  if (renewed === null) throw error;
  const second = await send(path, init, renewed);
  if (second.ok) return second;
  const final = await toApiError(second);
  if (isApiError(final) && second.status === 401) session.expire();
  throw final;
}

async function send(path: string, init: RequestInit, idToken: string | null): Promise<Response> {
  const headers = new Headers(init.headers);
  if (idToken) headers.set("authorization", `Bearer ${idToken}`);
  const tenantID = TENANT_PATH.exec(path)?.[1];
  if (tenantID) headers.set("x-tenant-id", decodeURIComponent(tenantID));
  return fetch(path, { ...init, headers }).catch((cause: unknown) => {
    if (init.signal?.aborted) throw cause;
    throw networkError(cause);
  });
}

async function request<T>(method: string, path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
  const headers = new Headers(options.headers);
  const init: RequestInit = { method, headers, signal: options.signal ?? null };
  if (body !== undefined) {
    headers.set("content-type", "application/json");
    init.body = JSON.stringify(body);
  }
  const target = withQuery(path, options.query);
  const response = options.anonymous ? await send(target, init, null) : await authFetch(target, init);
  if (!response.ok) throw await toApiError(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

/** The server's JSON API. Every method throws `ApiError`. */
export const api = {
  get: <T>(path: string, options?: RequestOptions) => request<T>("GET", path, undefined, options),
  post: <T>(path: string, body?: unknown, options?: RequestOptions) => request<T>("POST", path, body, options),
  patch: <T>(path: string, body: unknown, options?: RequestOptions) => request<T>("PATCH", path, body, options),
  delete: <T = void>(path: string, options?: RequestOptions) => request<T>("DELETE", path, undefined, options),
};
