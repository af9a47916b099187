import { useMemo } from "react";
import { useDatasourceTypes, useNodeTypes, useWidgetTypes } from "@/lib/api/catalog";
import { useCan } from "@/lib/api/me";
import type { VersionDetail } from "@/lib/api/model";
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
      names: new Map(widgets?.map((widget) => [widget.id, widget.name])),
    }),
    [datasourceTypes, datasource?.type, widgetTypes, nodeTypes, widgets],
  );
}

/** Adds the names of what versions link to, which may be deleted by now. */
export function withLinked(labels: Labels, ...versions: readonly (VersionDetail | undefined)[]): Labels {
  const linked = versions.flatMap((version) => version?.linked ?? []);
  return {
    ...labels,
    names: new Map([...linked.map(({ id, name }) => [id, name] as const), ...(labels.names ?? [])]),
  };
}
