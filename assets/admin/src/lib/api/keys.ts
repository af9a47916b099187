import type { Query } from "./client";
import type { Kind } from "./resources";

/** How what was read is called in the cache. */
export const keys = {
  kind: (tenantID: string, kind: Kind) => [tenantID, kind] as const,
  list: (tenantID: string, kind: Kind, params: Query) => [tenantID, kind, "list", params] as const,
  one: (tenantID: string, kind: Kind, id: string) => [tenantID, kind, "one", id] as const,
};
