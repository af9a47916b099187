import { t } from "@lingui/core/macro";
import { useSearchParams } from "react-router";
import { mediaName } from "@/domain/files/media-name";
import { useDatasourceTypes, useWidgetTypes } from "@/lib/api/catalog";
import { useCan, useMe } from "@/lib/api/me";
import type { Base, Datasource } from "@/lib/api/model";
import { useList, type Kind } from "@/lib/api/resources";
import { useSharedDashboards } from "@/lib/api/subjects/shares";
import { useWholeList } from "@/lib/api/whole-list";
import { hasTags, tagsOf, useKnownTags } from "../tags/tags";

/** A record of a list that has filters. */
type Listed = Pick<Base, "id" | "name" | "createdBy">;

/** What the filters of a list need to know about its records, as far as it has loaded. */
export interface Known {
  /** Whether anything uses a record. */
  used: ReadonlyMap<string, boolean>;
}

/** A filter of a list; its value is in the URL. */
export interface Facet {
  /** The name in the URL. */
  name: string;
  label: string;
  options: { value: string; label: string }[];
  /** Whether a record may have none of the values, so that one is worth selecting. */
  isOptional?: boolean;
  /** The values that a record has; none while they are unknown. */
  valuesOf: (record: Listed, known: Known) => readonly string[];
}

/** Reads a field that records of this kind have. */
const field =
  (name: string) =>
  (record: Listed): string[] => [String((record as unknown as Record<string, unknown>)[name])];

/** The kinds whose records others use through links. Expressions use variables. */
const usable: ReadonlySet<Kind> = new Set([
  "datasource",
  "file",
  "dataquery",
  "widget",
  "dashboard",
  "workflow",
]);

/** The kinds whose lists are filtered by who created the records. */
const owned: ReadonlySet<Kind> = new Set([...usable, "variable"]);

const sorted = (values: Iterable<string>) => [...new Set(values)].sort((a, b) => a.localeCompare(b));

/** The filters of a list by its kind, without those that the server has. */
export function useFacets(kind: Kind): Facet[] {
  const own = useOwnFacets(kind);
  const creator = useCreatorFacet(owned.has(kind));
  const use: Facet = {
    name: "use",
    label: t`Use`,
    options: [
      { value: "used", label: t`Used` },
      { value: "unused", label: t`Unused` },
    ],
    valuesOf: ({ id }, { used }) => {
      const isUsed = used.get(id);
      return isUsed === undefined ? [] : [isUsed ? "used" : "unused"];
    },
  };
  const tags = useTagFacet(kind);
  return [
    ...own,
    ...(tags ? [tags] : []),
    ...(owned.has(kind) ? [creator] : []),
    ...(usable.has(kind) ? [use] : []),
  ];
}

/** A filter by a field, which is called `from` in the record. */
const byField = (name: string, label: string, options: Facet["options"], from = name): Facet => ({
  name,
  label,
  options,
  valuesOf: field(from),
});

const byType = (types: readonly { type: string; name: string }[] = []) =>
  byField(
    "type",
    t`Type`,
    types.map(({ type: value, name }) => ({ value, label: name })),
  );

/** The filters whose values are always the same. */
const fixed: Partial<Record<Kind, Facet[]>> = {
  dataquery: [
    byField(
      "effect",
      t`Effect on data`,
      [
        { value: "false", label: t`Only reads` },
        { value: "true", label: t`Changes data` },
      ],
      "changesData",
    ),
  ],
  workflow: [
    byField(
      "state",
      t`Status`,
      [
        { value: "true", label: t`Enabled` },
        { value: "false", label: t`Disabled` },
      ],
      "enabled",
    ),
  ],
  variable: [
    byField(
      "type",
      t`Type`,
      [
        { value: "false", label: t`Plain value` },
        { value: "true", label: t`Secret` },
      ],
      "secret",
    ),
  ],
};

/** By whether people without an account can see a dashboard. */
const bySharing = (shared: ReadonlyMap<string, number>): Facet => ({
  name: "sharing",
  label: t`Sharing`,
  options: [
    { value: "shared", label: t`Shared` },
    { value: "private", label: t`Not shared` },
  ],
  valuesOf: ({ id }) => [shared.has(id) ? "shared" : "private"],
});

function datasourceFacets(
  datasources: readonly Datasource[],
  types: readonly { type: string; name: string }[] = [],
): Facet[] {
  const present = new Set(datasources.map(({ type }) => type));
  return [byType(types.filter(({ type }) => present.has(type)))];
}

/** By tag; as soon as one record has tags, those of all are looked for. */
function useTagFacet(kind: Kind): Facet | null {
  const known = useKnownTags(kind);
  useWholeList(kind, { enabled: known.length > 0 });
  if (!hasTags(kind)) return null;
  const options = known.map((tag) => ({ value: tag, label: tag }));
  return { name: "tag", label: t`Tag`, options, isOptional: true, valuesOf: tagsOf };
}

/** The filters that only lists of this kind have. */
function useOwnFacets(kind: Kind): Facet[] {
  const can = useCan();
  const datasourceTypes = useDatasourceTypes().data;
  const widgetTypes = useWidgetTypes().data;
  const datasources =
    useWholeList("datasource", {
      enabled: (kind === "dataquery" || kind === "datasource") && can("datasource:list"),
    }).items ?? [];
  const files = useWholeList("file", { enabled: kind === "file" }).items ?? [];
  const shared = useSharedDashboards({ enabled: kind === "dashboard" && can("dashboard:share") }).data;
  if (kind === "datasource") return datasourceFacets(datasources, datasourceTypes);
  if (kind === "widget") return [byType(widgetTypes)];
  if (kind === "dashboard") return shared ? [bySharing(shared)] : [];
  if (kind === "file") {
    const types = sorted(files.map(({ mediaType }) => mediaType));
    const options = types.map((value) => ({ value, label: mediaName(value) }));
    return [byField("type", t`Type`, options, "mediaType")];
  }
  if (kind === "dataquery") {
    const options = datasources.map(({ id, name }) => ({ value: id, label: name }));
    return [byField("datasource", t`Datasource`, options, "datasourceID"), ...(fixed[kind] ?? [])];
  }
  return fixed[kind] ?? [];
}

/** By the member who created a record; without the permission to see others, only one's own are found. */
function useCreatorFacet(enabled: boolean): Facet {
  const can = useCan();
  const me = useMe().data?.user;
  const members = useList("member", {}, { enabled: enabled && can("member:list") }).items ?? [];
  const others = members.filter(({ userID }) => userID !== me?.id);
  return {
    name: "by",
    label: t`Created by`,
    options: [
      ...(me?.id ? [{ value: me.id, label: t`Me` }] : []),
      ...others.map(({ userID, name, email }) => ({ value: userID, label: name || email })),
    ],
    valuesOf: ({ createdBy }) => (createdBy ? [createdBy] : []),
  };
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
    /** Whether the uses of the records must be known. */
    needsUses: chosen.some(({ facet }) => facet.name === "use"),
    fits: (record: Listed, known: Known) =>
      chosen.every(({ facet, value }) => facet.valuesOf(record, known).includes(value)),
  };
}
