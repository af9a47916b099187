import type { RouteObject } from "react-router";

/** Metadata of a route, which the shell uses. */
export interface RouteHandle {
  /** Required to see the page; without it an access error is shown. */
  permission?: string;
  /** The browser tab's title. */
  title?: string;
  /** The page is an editor that needs the width: the navigation is collapsed unless the user expands it there. */
  roomy?: boolean;
  /** Its address may end with what the record is called. */
  named?: boolean;
}

/** A tenant page whose code is loaded on the first visit. */
export function page(
  path: string,
  handle: RouteHandle,
  load: () => Promise<React.ComponentType>,
): RouteObject {
  return { path, handle, lazy: async () => ({ Component: await load() }) };
}

/** The page of a record, whose address may end with what the record is called. */
export const recordPage = (
  path: string,
  handle: RouteHandle,
  load: () => Promise<React.ComponentType>,
): RouteObject => page(`${path}/:slug?`, { ...handle, named: true }, load);

/** The home page of a tenant. */
export function indexPage(handle: RouteHandle, load: () => Promise<React.ComponentType>): RouteObject {
  return { index: true, handle, lazy: async () => ({ Component: await load() }) };
}
