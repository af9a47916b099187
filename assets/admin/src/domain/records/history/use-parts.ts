import { t } from "@lingui/core/macro";
import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { useCan } from "@/lib/api/me";
import type { VersionDetail } from "@/lib/api/model";
import { versionQuery } from "@/lib/api/subjects/versions";
import { useTenantID } from "@/lib/tenant";
import { compareContents, type Labels } from "../compare/compare";
import { contentOfVersion } from "../compare/content";
import type { DifferenceGroup } from "../compare/differences";

type Part = NonNullable<VersionDetail["parts"]>[number];

/** A widget or a query of a dashboard with another version than before. */
interface ChangedPart {
  part: Part;
  before: number;
}

/** The kinds of records that belong to dashboards. */
const kinds = ["widget", "dataquery"] as const;
const kindOf = ({ kind }: Part) => kinds.find((known) => known === kind);

/** Returns what belonged to a dashboard at both versions, and changed between them. */
function changedParts(before: VersionDetail | undefined, after: VersionDetail | undefined): ChangedPart[] {
  const then = new Map((before?.parts ?? []).map(({ id, version }) => [id, version]));
  return (after?.parts ?? []).flatMap((part) => {
    const was = then.get(part.id);
    return was === undefined || was === part.version ? [] : [{ part, before: was }];
  });
}

const titleOf = (part: Part) => (part.kind === "widget" ? t`Widget “${part.name}”` : t`Query “${part.name}”`);
const summaryOf = (part: Part) =>
  part.kind === "widget" ? t`Widget “${part.name}” changed` : t`Query “${part.name}” changed`;

/**
 * Compares the settings of the widgets and queries that belong to a dashboard, between two of its versions. Null until
 * they have loaded.
 */
export function useParts(
  before: VersionDetail | undefined,
  after: VersionDetail | undefined,
  labels: Labels,
): readonly DifferenceGroup[] | null {
  const can = useCan();
  const tenantID = useTenantID();
  const changed = useMemo(() => changedParts(before, after), [before, after]);
  const visible = changed.flatMap(({ part, before: was }) => {
    const kind = kindOf(part);
    return kind && can(`${kind}:read`) ? [{ part, kind, was }] : [];
  });
  const found = useQueries({
    queries: visible.flatMap(({ part, kind, was }) => [
      versionQuery(tenantID, kind, part.id, was),
      versionQuery(tenantID, kind, part.id, part.version),
    ]),
  });
  if (found.some(({ isLoading }) => isLoading)) return null;
  return visible.flatMap(({ part, kind, was }, index): DifferenceGroup[] => {
    const [then, now] = [found[2 * index]?.data, found[2 * index + 1]?.data];
    const about = { title: titleOf(part), summary: summaryOf(part) };
    // The versions of a deleted record are no longer available.
    if (!then || !now) return [{ ...about, differences: [unknown(part, was)] }];
    const { groups } = compareContents(
      kind,
      contentOfVersion(kind, then),
      contentOfVersion(kind, now),
      labels,
    );
    const differences = groups.flatMap((group) => group.differences);
    return differences.length ? [{ ...about, differences }] : [];
  });
}

const unknown = ({ id }: Part, was: number) => ({
  path: `parts.${id}.${was}`,
  of: "",
  field: t`Settings`,
  change: "changed" as const,
  before: null,
  after: null,
  note: t`It has been deleted since, so its settings cannot be compared.`,
});
