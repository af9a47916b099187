import { useEffect } from "react";
import { useLocation, useMatches } from "react-router";
import { withSlug } from "@/lib/names/slug";
import type { RouteHandle } from "@/lib/route";

/**
 * Adds what a record is called to its address, so that a copied link tells where it leads. The id alone decides what is
 * opened. The router does not notice: for it nothing has changed.
 */
export function useReadableAddress(id: string | undefined, name: string | undefined): void {
  const isNamed = (useMatches().at(-1)?.handle as RouteHandle | undefined)?.named === true;
  // Every navigation sets the address again.
  const { key } = useLocation();
  useEffect(() => {
    if (!isNamed || !id || !name) return;
    const { pathname, search, hash } = window.location;
    const readable = withSlug(pathname, id, name);
    if (readable !== pathname)
      window.history.replaceState(window.history.state, "", readable + search + hash);
  }, [isNamed, id, name, key]);
}
