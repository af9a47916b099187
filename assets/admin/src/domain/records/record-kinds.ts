import { t } from "@lingui/core/macro";
import { collections, type Kind } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { assetKinds, type AssetKind } from "./asset-kinds";

/** The kinds of records that people create, change and delete. */
export type RecordKind = AssetKind | Extract<Kind, "file" | "variable" | "role">;

interface RecordKindInfo {
  /** The list's title. */
  plural: string;
  /** Singular and plural within a sentence. */
  noun: [one: string, many: string];
  /** The segments of the list's path. */
  path: string[];
  /** Whether it is kept in the trash after a deletion. */
  trash: boolean;
}

const asset = (kind: AssetKind, noun: [one: string, many: string]): RecordKindInfo => ({
  plural: assetKinds[kind].plural,
  noun,
  path: [collections[kind]],
  trash: true,
});

export const recordKinds: Record<RecordKind, RecordKindInfo> = {
  datasource: asset("datasource", [t`datasource`, t`datasources`]),
  dataquery: asset("dataquery", [t`query`, t`queries`]),
  widget: asset("widget", [t`widget`, t`widgets`]),
  dashboard: asset("dashboard", [t`dashboard`, t`dashboards`]),
  workflow: asset("workflow", [t`workflow`, t`workflows`]),
  file: { plural: t`Files`, noun: [t`file`, t`files`], path: ["files"], trash: true },
  variable: { plural: t`Variables`, noun: [t`variable`, t`variables`], path: ["variables"], trash: true },
  role: { plural: t`Roles`, noun: [t`role`, t`roles`], path: ["settings", "roles"], trash: false },
};

export const isRecordKind = (kind: string): kind is RecordKind => kind in recordKinds;

/** Returns the path of a record's page; variables have only their list. */
export function useRecordLink(): (kind: RecordKind, id: string) => string {
  const link = useTenantLink();
  return (kind, id) => link(...recordKinds[kind].path, ...(kind === "variable" ? [] : [id]));
}
