import { useCallback } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDebouncedValue } from "@mantine/hooks";
import { keys } from "@/lib/api/keys";
import { useCan } from "@/lib/api/me";
import type { DataQuery, JsonObject } from "@/lib/api/model";
import { executeQuery } from "@/lib/api/subjects/data-queries";
import { useWidgetData, type WidgetData } from "@/lib/api/subjects/widgets";
import { fillVariables } from "@/lib/templates/templates";
import { useTenantID } from "@/lib/tenant";
import { parametersOf } from "./config-schema";

export interface PreviewData {
  result: WidgetData | null;
  error: unknown;
  fetching: boolean;
  /** Returns the parameters that still need a value before there is data. */
  missing: string[];
  refetch: () => void;
}

export function missingParameters(query: DataQuery | undefined, given: JsonObject): string[] {
  return (query?.parameters ?? [])
    .filter(
      ({ name, required, default: standard }) =>
        required && given[name] === undefined && (standard === null || standard === undefined),
    )
    .map(({ name }) => name);
}

/**
 * Loads the data of a widget in the editor: runs its query with the mapped values. Callers who cannot run queries get
 * the saved widget's data.
 */
export function usePreviewData(
  config: JsonObject,
  query: DataQuery | undefined,
  savedID: string | null,
  variables: JsonObject,
): PreviewData {
  const tenantID = useTenantID();
  const can = useCan();
  const mayRun = can("dataquery:execute");
  const declared = new Set(query?.parameters.map(({ name }) => name));
  const resolved = Object.fromEntries(
    Object.entries(fillVariables(parametersOf(config), variables)).filter(([name]) => declared.has(name)),
  );
  const [parameters] = useDebouncedValue(resolved, 300);
  const missing = missingParameters(query, parameters);
  const ready = mayRun && query !== undefined && missing.length === 0;
  const live = useQuery({
    queryKey: [...keys.one(tenantID, "dataquery", query?.id ?? ""), "preview", query?.version, parameters],
    queryFn: ({ signal }) => executeQuery(tenantID, query?.id ?? "", { parameters }, signal),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
    enabled: ready,
  });
  const saved = useWidgetData(savedID ?? undefined, variables, { enabled: !mayRun });
  const source = mayRun ? live : saved;
  const { refetch } = source;
  const asked = mayRun ? ready : savedID !== null;
  // A refetch would ignore that there is nothing to load yet.
  const again = useCallback(() => void (asked && refetch()), [asked, refetch]);
  return {
    result: query || !mayRun ? (source.data ?? null) : null,
    error: source.error,
    fetching: source.isFetching,
    missing,
    refetch: again,
  };
}
