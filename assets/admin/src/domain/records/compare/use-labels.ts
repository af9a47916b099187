import { useMemo } from "react";
import { useDatasourceTypes, useNodeTypes, useWidgetTypes } from "@/lib/api/catalog";
import { useCan } from "@/lib/api/me";
import { useOne } from "@/lib/api/resources";
import type { Labels } from "./compare";
import type { HistoryKind } from "./content";

/** Loads what gives the fields of a record's comparison their labels. Compare without it until it has loaded. */
export function useLabels(kind: HistoryKind, id: string): Labels {
  const can = useCan();
  const datasourceTypes = useDatasourceTypes().data;
  const widgetTypes = useWidgetTypes().data;
  const nodeTypes = useNodeTypes().data;
  const query = useOne("dataquery", id, { enabled: kind === "dataquery" }).data;
  const datasource = useOne("datasource", query?.datasourceID, { enabled: can("datasource:read") }).data;
  const widgets = useOne("dashboard", id, { enabled: kind === "dashboard" }).data?.widgets;
  return useMemo(
    () => ({
      datasourceTypes,
      datasourceType: datasource?.type,
      widgetTypes,
      nodeTypes,
      widgetNames: new Map(widgets?.map((widget) => [widget.id, widget.name])),
    }),
    [datasourceTypes, datasource?.type, widgetTypes, nodeTypes, widgets],
  );
}
