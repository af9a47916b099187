import { learnClock } from "@/lib/format/dates/clock";
import { readJson } from "@/lib/format/exact-json";
import { at } from "@/lib/http/base";
import { session } from "@/lib/session/session";
import type { Call, CommonOptions, Fill, Method, Path } from "./contract";
import { isApiError, networkError, toApiError } from "./errors";

export type Query = Record<string, string | number | boolean | null | undefined>;

interface RequestOptions extends CommonOptions {
  query?: Query;
  body?: unknown;
}

const TENANT_PATH = /^\/api\/v1\/tenants\/([^/?]+)/;

/** Fills the braces of an API path; the values are escaped. */
export function url<P extends Path>(path: P, fill: Fill<P>): string {
  return filled(path, fill);
}

const filled = (path: string, fill: Record<string, string>) =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(fill[name] ?? ""));

export function withQuery(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(key, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

/**
 * `fetch` with the session's token and the tenant from the path. If the server rejects the token, retries once with a
 * new one. Throws `ApiError` for every response that is not a success.
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

/** `fetch` without a session. Throws `ApiError` for every response that is not a success. */
export async function anonymousFetch(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await send(path, init, null);
  if (!response.ok) throw await toApiError(response);
  return response;
}

async function send(path: string, init: RequestInit, idToken: string | null): Promise<Response> {
  const headers = new Headers(init.headers);
  if (idToken) headers.set("authorization", `Bearer ${idToken}`);
  const tenantID = TENANT_PATH.exec(path)?.[1];
  if (tenantID) headers.set("x-tenant-id", decodeURIComponent(tenantID));
  const sentAt = Date.now();
  const response = await fetch(at(path), { ...init, headers }).catch((cause: unknown) => {
    if (init.signal?.aborted) throw cause;
    throw networkError(cause);
  });
  learnClock(response.headers.get("date"), sentAt);
  return response;
}

/** Calls the JSON API at a full path. Features use `api`, which knows the types of each path. */
export async function request<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
  const headers = new Headers(options.headers);
  const init: RequestInit = { method: method.toUpperCase(), headers, signal: options.signal ?? null };
  if (options.body !== undefined) {
    headers.set("content-type", "application/json");
    init.body = JSON.stringify(options.body);
  }
  const target = withQuery(path, options.query);
  const response = await (options.anonymous ? anonymousFetch : authFetch)(target, init);
  if (response.status === 204) return undefined as T;
  return (await readJson(response)) as T;
}

function call<M extends Method>(method: M): Call<M> {
  const untyped = <T>(
    path: string,
    { path: fill, ...options }: RequestOptions & { path?: Record<string, string> } = {},
  ) => request<T>(method, filled(path, fill ?? {}), options);
  return untyped as Call<M>;
}

/** The server's JSON API. Every method throws `ApiError`. */
export const api = {
  get: call("get"),
  post: call("post"),
  put: call("put"),
  patch: call("patch"),
  delete: call("delete"),
};
