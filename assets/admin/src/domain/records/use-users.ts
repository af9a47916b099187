import { useCan } from "@/lib/api/me";
import { useWholeList } from "@/lib/api/whole-list";
import type { AssetKind } from "./asset-kinds";

/** Loads what may use other records, as far as the caller may see it, in the order in which they use each other. */
export function useUsingRecords(enabled = true) {
  const can = useCan();
  const load = (kind: AssetKind) => ({ enabled: enabled && can(`${kind}:list`) });
  const lists = [
    { kind: "datasource", ...useWholeList("datasource", load("datasource")) },
    { kind: "dataquery", ...useWholeList("dataquery", load("dataquery")) },
    { kind: "widget", ...useWholeList("widget", load("widget")) },
    { kind: "dashboard", ...useWholeList("dashboard", load("dashboard")) },
  ] as const;
  return {
    levels: lists.map(({ kind, items }) => ({ kind, records: items ?? [] })),
    isLoading: lists.some(({ isLoading, hasNextPage, isError }) => isLoading || (hasNextPage && !isError)),
  };
}
