import { t } from "@lingui/core/macro";
import { Link } from "react-router";
import { assetKinds, type AssetKind } from "@/domain/records/asset-kinds";
import { useCan } from "@/lib/api/me";
import { collections, useList } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { Time } from "@/ui/text/time";
import classes from "./home.module.css";
import { Section } from "./section";

function useRecent(kind: AssetKind) {
  const can = useCan();
  // What belongs to a dashboard is a part of it, as generated widgets are: the dashboard is listed.
  const place = kind === "dataquery" || kind === "widget" ? { dashboardID: "none" } : {};
  const list = useList(kind, { limit: 5, sort: "-updatedAt", ...place }, { enabled: can(`${kind}:list`) });
  return {
    ...list,
    settled: !list.isLoading,
    entries: (list.items ?? []).map((record) => ({ kind, record })),
  };
}

/** The most recently updated records of all kinds: of queries and widgets, those of the library. */
export function RecentItems() {
  const link = useTenantLink();
  const lists = [
    useRecent("dashboard"),
    useRecent("workflow"),
    useRecent("dataquery"),
    useRecent("widget"),
    useRecent("datasource"),
  ];
  const error = lists.find((list) => list.error)?.error;
  const settled = lists.every((list) => list.settled);
  const recent = lists
    .flatMap((list) => list.entries)
    .sort((a, b) => b.record.updatedAt.localeCompare(a.record.updatedAt))
    .slice(0, 10);
  return (
    <Section
      title={t`Recently updated`}
      empty={t`Nothing here yet. Start by connecting a datasource.`}
      error={error}
      onRetry={() => lists.forEach((list) => void list.refetch())}
      rows={
        settled && !error
          ? recent.map(({ kind, record }) => {
              const { icon: KindIcon, word } = assetKinds[kind];
              return (
                <Link key={record.id} to={link(collections[kind], record.id)} className={classes.row}>
                  <KindIcon size={16} stroke={1.6} color="var(--jet-muted)" aria-hidden />
                  <span className={classes.name}>{record.name}</span>
                  <span className={classes.muted}>{word}</span>
                  <span className={classes.muted} style={{ minWidth: 72, textAlign: "right" }}>
                    <Time value={record.updatedAt} />
                  </span>
                </Link>
              );
            })
          : undefined
      }
    />
  );
}
