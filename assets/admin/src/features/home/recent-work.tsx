import { t } from "@lingui/core/macro";
import { IconActivity, IconFile } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { assetKinds } from "@/domain/records/asset-kinds";
import { collections } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { useVisits, type VisitKind } from "@/lib/visits";
import classes from "./home.module.css";
import { Section } from "./section";

const MOST = 6;

const others = {
  instance: { icon: IconActivity, word: t`Workflow run`, path: "runs" },
  file: { icon: IconFile, word: t`File`, path: "files" },
};

const lookOf = (kind: VisitKind) =>
  kind === "instance" || kind === "file" ? others[kind] : { ...assetKinds[kind], path: collections[kind] };

/** What the caller opened last in this browser; renders nothing on the first visit. */
export function RecentWork() {
  const link = useTenantLink();
  // Parts of a dashboard are found on it.
  const [visits] = useState(useVisits().filter(({ isPart }) => !isPart));
  if (visits.length === 0) return null;
  return (
    <Section
      title={t`Recently opened`}
      empty=""
      rows={visits.slice(0, MOST).map(({ kind, id, name }) => {
        const { icon: KindIcon, word, path } = lookOf(kind);
        return (
          <Link key={id} to={link(path, id)} className={classes.row}>
            <KindIcon size={16} stroke={1.6} color="var(--jet-muted)" aria-hidden />
            <span className={classes.name}>{name}</span>
            <span className={classes.muted}>{word}</span>
          </Link>
        );
      })}
    />
  );
}
