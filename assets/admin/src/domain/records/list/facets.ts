import { t } from "@lingui/core/macro";
import { useSearchParams } from "react-router";
import { useDatasourceTypes, useWidgetTypes } from "@/lib/api/catalog";
import { useCan } from "@/lib/api/me";
import type { Kind } from "@/lib/api/resources";
import { useWholeList } from "@/lib/api/whole-list";
import { mentions } from "@/lib/rows/mentions";
import { useUsingRecords } from "../use-users";

/** A filter of a list; its value is in the URL. */
export interface Facet {
  /** The name in the URL. */
  name: string;
  label: string;
  options: { value: string; label: string }[];
  valueOf: (record: { id: string }) => string;
}

/** Reads a field that records of this kind have. */
const field =
  (name: string) =>
  (record: { id: string }): string =>
    String((record as unknown as Record<string, unknown>)[name]);

/** Whether other records use those of a kind, as far as lists tell: a workflow is not a part of its list. */
const usable: ReadonlySet<Kind> = new Set(["datasource", "file", "widget"]);

/** The filters of a list by its kind, without those that the server has. */
export function useFacets(kind: Kind): Facet[] {
  const [search] = useSearchParams();
  const can = useCan();
  const datasourceTypes = useDatasourceTypes().data;
  const widgetTypes = useWidgetTypes().data;
  const datasources = useWholeList("datasource", {
    enabled: kind === "dataquery" && can("datasource:list"),
  }).items;
  const using = useUsingRecords(usable.has(kind) && search.has("use"));
  const type = (types: readonly { type: string; name: string }[] = []): Facet => ({
    name: "type",
    label: t`Type`,
    options: types.map(({ type: value, name }) => ({ value, label: name })),
    valueOf: field("type"),
  });
  const use: Facet = {
    name: "use",
    label: t`Use`,
    options: [
      { value: "used", label: t`Used` },
      { value: "unused", label: t`Unused` },
    ],
    valueOf: ({ id }) => {
      // Not yet known: in no group.
      if (using.isLoading) return "";
      const wanted = new Set([id]);
      const isUsed = using.levels.some(({ records }) =>
        records.some((record) => record.id !== id && mentions(record, wanted)),
      );
      return isUsed ? "used" : "unused";
    },
  };
  if (kind === "datasource") return [type(datasourceTypes), use];
  if (kind === "widget") return [type(widgetTypes), use];
  if (kind === "file") return [use];
  if (kind === "dataquery")
    return [
      {
        name: "datasource",
        label: t`Datasource`,
        options: (datasources ?? []).map(({ id, name }) => ({ value: id, label: name })),
        valueOf: field("datasourceID"),
      },
      {
        name: "effect",
        label: t`Effect on data`,
        options: [
          { value: "false", label: t`Only reads` },
          { value: "true", label: t`Changes data` },
        ],
        valueOf: field("changesData"),
      },
    ];
  if (kind === "workflow")
    return [
      {
        name: "state",
        label: t`State`,
        options: [
          { value: "true", label: t`Enabled` },
          { value: "false", label: t`Disabled` },
        ],
        valueOf: field("enabled"),
      },
    ];
  return [];
}

/** The values that are selected, by facet, and the records that fit all of them. */
export function useFacetFilter(facets: readonly Facet[]) {
  const [search] = useSearchParams();
  const chosen = facets.flatMap((facet) => {
    const value = search.get(facet.name);
    return value ? [{ facet, value }] : [];
  });
  return {
    isActive: chosen.length > 0,
    fits: (record: { id: string }) => chosen.every(({ facet, value }) => facet.valueOf(record) === value),
  };
}
