import type { RouteObject } from "react-router";

/** What a route says of itself; the shell reads it. */
export interface RouteHandle {
  /** Needed to see the page; without it a plain page says so. */
  permission?: string;
  /** The browser tab's title. */
  title?: string;
}

/** A page of a tenant, loaded when it is first visited. */
export function page(path: string, handle: RouteHandle, load: () => Promise<React.ComponentType>): RouteObject {
  return { path, handle, lazy: async () => ({ Component: await load() }) };
}

/** The start page of a tenant. */
export function indexPage(handle: RouteHandle, load: () => Promise<React.ComponentType>): RouteObject {
  return { index: true, handle, lazy: async () => ({ Component: await load() }) };
}
