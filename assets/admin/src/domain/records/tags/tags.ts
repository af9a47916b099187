import { useQueryClient } from "@tanstack/react-query";
import type { Kind, KindWith } from "@/lib/api/resources";
import { useTenantID } from "@/lib/tenant";

/** The kinds whose records have tags. */
export type Taggable = KindWith<"patch"> & ("datasource" | "dataquery" | "widget" | "dashboard" | "workflow");

const taggable: ReadonlySet<Kind> = new Set<Taggable>([
  "datasource",
  "dataquery",
  "widget",
  "dashboard",
  "workflow",
]);

export const hasTags = (kind: Kind): kind is Taggable => taggable.has(kind);

/** The tags of a record; none for kinds without them. */
export const tagsOf = (record: object): readonly string[] =>
  "tags" in record && Array.isArray(record.tags) ? (record.tags as string[]) : [];

/** The tags that all of several records have. */
export const sharedTags = (records: readonly object[]): string[] =>
  records.length === 0
    ? []
    : tagsOf(records[0] ?? {}).filter((tag) => records.every((record) => tagsOf(record).includes(tag)));

/** Returns a record's tags after those that several records share were changed: its other ones stay. */
export function retagged(record: object, before: readonly string[], after: readonly string[]): string[] {
  const kept = tagsOf(record).filter((tag) => after.includes(tag) || !before.includes(tag));
  return [...kept, ...after.filter((tag) => !kept.includes(tag))];
}

interface Pages {
  pages?: { items?: object[] }[];
}

/** The tags of the records of a kind that have been loaded, sorted. */
export function useKnownTags(kind: Kind): string[] {
  const tenantID = useTenantID();
  const client = useQueryClient();
  if (!hasTags(kind)) return [];
  const lists = client.getQueriesData<Pages>({ queryKey: [tenantID, kind, "list"] });
  const records = lists.flatMap(([, data]) => data?.pages?.flatMap(({ items }) => items ?? []) ?? []);
  return [...new Set(records.flatMap(tagsOf))].sort((a, b) => a.localeCompare(b));
}
