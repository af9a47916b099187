import type { Query } from "./client";
import type { Kind } from "./resources";

/** The cache keys of loaded data. */
export const keys = {
  kind: (tenantID: string, kind: Kind) => [tenantID, kind] as const,
  list: (tenantID: string, kind: Kind, params: Query) => [tenantID, kind, "list", params] as const,
  versions: (tenantID: string, kind: Kind, id: string) => [tenantID, kind, "versions", id] as const,
  one: (tenantID: string, kind: Kind, id: string) => [tenantID, kind, "one", id] as const,
};
