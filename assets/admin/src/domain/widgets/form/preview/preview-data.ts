import { useCallback, useMemo } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDebouncedValue } from "@mantine/hooks";
import { keys } from "@/lib/api/keys";
import { useCan } from "@/lib/api/me";
import type { DataQuery, DataQueryDraft, JsonObject } from "@/lib/api/model";
import { showQuery, showDraft } from "@/lib/api/subjects/data-queries";
import { useWidgetData, type WidgetData } from "@/lib/api/subjects/widgets";
import { asNumber } from "@/lib/format/figures";
import { asRows } from "@/lib/rows/cells";
import { askedParameters, countParameters, serverTableOf } from "@/lib/rows/table-ask";
import { useStable } from "@/lib/stable";
import { fillParameters, settleParameters } from "@/lib/templates/templates";
import { useTenantID } from "@/lib/tenant";
import { useUserScope } from "../../kinds/actions/unresolved";
import type { WidgetActions } from "../../kinds/host";
import { parametersOf } from "../config-schema";

export interface PreviewData {
  result: WidgetData | null;
  error: unknown;
  fetching: boolean;
  /** Returns the parameters that still need a value before there is data. */
  missing: string[];
  /** The paths of the variables that required parameters wait for, such as `vars.region`. */
  waiting: string[];
  /** The saved query that was run, and the mapped parameters; null for callers who cannot run queries. */
  asked: { queryID: string; parameters: JsonObject; nulls: string[] } | null;
  refetch: () => void;
}

/** The query of a widget that is being edited. */
export interface PreviewQuery extends Pick<DataQuery, "id" | "parameters" | "version"> {
  /** The query as it is in the editor, if that is not saved. */
  unsaved?: DataQueryDraft;
}

export function missingParameters(query: PreviewQuery | undefined, given: JsonObject): string[] {
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
  query: PreviewQuery | undefined,
  savedID: string | null,
  variables: JsonObject,
  options: { enabled?: boolean } = {},
): PreviewData {
  const tenantID = useTenantID();
  const can = useCan();
  const mayRun = can("dataquery:execute");
  const user = useUserScope();
  const filled = fillParameters(parametersOf(config), { vars: variables, user });
  const settled = useStable({
    ...settleParameters(filled, query?.parameters ?? []),
    missing: missingParameters(query, { ...filled.unset, ...filled.values }),
  });
  const [{ parameters, nulls, waiting, missing }] = useDebouncedValue(settled, 300);
  const enabled = options.enabled !== false;
  const ready = enabled && mayRun && query !== undefined && missing.length === 0 && waiting.length === 0;
  const live = useQuery({
    queryKey: [
      ...keys.one(tenantID, "dataquery", query?.id ?? ""),
      "preview",
      query?.unsaved ?? query?.version,
      parameters,
      nulls,
    ],
    queryFn: ({ signal }) =>
      query?.unsaved
        ? showDraft(tenantID, query.unsaved, { parameters, nulls }, signal)
        : showQuery(tenantID, query?.id ?? "", { parameters, nulls }, signal),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
    enabled: ready,
  });
  const saved = useWidgetData(savedID ?? undefined, variables, { enabled: enabled && !mayRun });
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
    waiting,
    asked: useStable(ready && !query.unsaved ? { queryID: query.id, parameters, nulls } : null),
    refetch: again,
  };
}

/** Returns a function that loads pages of the previewed table, as the server does for a saved one. */
export function usePreviewPages(config: JsonObject, { asked }: PreviewData): WidgetActions["readPage"] {
  const tenantID = useTenantID();
  const known = useStable(config);
  return useMemo(() => {
    const server = serverTableOf(known);
    if (!server || !asked) return null;
    const size = asNumber(known["pageSize"]) ?? 10;
    return async (_, ask, signal) => {
      const parameters = { ...asked.parameters, ...askedParameters(server, ask, size) };
      const slice = server.limit === null ? { slice: { offset: ask.page * size, limit: size } } : {};
      const counted = server.countQueryID
        ? showQuery(
            tenantID,
            server.countQueryID,
            { parameters: countParameters(server, parameters), nulls: asked.nulls },
            signal,
          ).then(
            ({ data }) => asNumber(Object.values(asRows(data)?.[0] ?? {})[0]),
            () => null,
          )
        : Promise.resolve(null);
      const [result, total] = await Promise.all([
        showQuery(tenantID, asked.queryID, { parameters, nulls: asked.nulls, ...slice }, signal),
        counted,
      ]);
      if (server.limit === null) return { ...result, ...(total === null ? {} : { total }) };
      const end = ask.page * size + result.rowCount;
      return {
        ...result,
        ...(total === null ? {} : { total }),
        truncated: total === null ? result.rowCount >= size : end < total,
      };
    };
  }, [known, asked, tenantID]);
}
