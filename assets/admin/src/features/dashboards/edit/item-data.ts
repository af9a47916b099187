import { queryIDOf } from "@/domain/widgets/form/config-schema";
import { usePreviewData } from "@/domain/widgets/form/preview/preview-data";
import { drawsData } from "@/domain/widgets/kinds/widget-view";
import type { JsonObject, Widget } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { useWidgetData, type WidgetData } from "@/lib/api/subjects/widgets";
import type { Contents } from "./contents";

interface ItemData {
  result: WidgetData | null;
  error: unknown;
  fetching: boolean;
  refetch: () => void;
}

/** Loads the data of a widget that is being arranged: with its unsaved changes, if there are any. */
export function useItemData(
  id: string,
  widget: Widget | undefined,
  { widgets, queries }: Contents,
  variables: JsonObject,
): ItemData {
  const config = widget?.config ?? {};
  const hasData = widget !== undefined && drawsData(widget.type, config);
  const queryID = queryIDOf(config);
  const unsaved = queryID ? queries[queryID] : undefined;
  const local = widgets[id];
  const isLocal = local !== undefined || unsaved !== undefined;
  const saved = useWidgetData(id, variables, { enabled: hasData && !isLocal });
  const query = useOne("dataquery", hasData && isLocal && !unsaved ? (queryID ?? undefined) : undefined);
  const preview = usePreviewData(
    config,
    unsaved && queryID
      ? { id: queryID, version: 0, parameters: unsaved.draft.parameters, unsaved: unsaved.draft }
      : query.data,
    local?.version === null ? null : id,
    variables,
    { enabled: hasData && isLocal },
  );
  if (isLocal) return { ...preview, fetching: preview.fetching || query.isLoading };
  const { data, error, isFetching, refetch } = saved;
  return { result: data ?? null, error, fetching: isFetching, refetch: () => void refetch() };
}
