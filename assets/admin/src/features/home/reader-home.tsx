import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Skeleton, Text, TextInput, Title } from "@mantine/core";
import { IconLayoutDashboard, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { FavoriteButton, useFavorites } from "@/domain/records/favorites";
import { useCan } from "@/lib/api/me";
import type { Dashboard } from "@/lib/api/model";
import { useWholeList } from "@/lib/api/whole-list";
import { searchRecords } from "@/lib/rows/search-records";
import { useTenantLink } from "@/lib/tenant";
import { useVisits } from "@/lib/visits";
import { EmptyState } from "@/ui/feedback/empty-state";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import classes from "./home.module.css";
import { Waiting } from "./waiting";

const MOST_RECENT = 6;
/** With fewer dashboards, all of them fit on the page: there is nothing to search or to shorten. */
const FEW = 6;

/** The home page of people who build nothing: their dashboards. */
export function ReaderHome() {
  const can = useCan();
  const list = useWholeList("dashboard");
  const { favorites } = useFavorites();
  const [visits] = useState(useVisits());
  const [text, setText] = useState("");
  const all = list.items;
  if (list.error && !all) return <ErrorPanel page error={list.error} onRetry={() => void list.refetch()} />;
  if (!all) return <Skeleton m="xl" h={160} />;
  if (all.length === 0)
    return (
      <EmptyState
        icon={IconLayoutDashboard}
        title={t`No dashboards yet`}
        text={t`Dashboards that others create for this tenant appear here.`}
      />
    );
  const named = (ids: readonly string[]) =>
    ids.flatMap((id) => all.find((dashboard) => dashboard.id === id) ?? []);
  const starred = named(favorites);
  const recent = named(visits.filter(({ kind }) => kind === "dashboard").map(({ id }) => id)).slice(
    0,
    MOST_RECENT,
  );
  const q = text.trim();
  const found = q ? searchRecords(all, q, "name") : all;
  return (
    <div className={classes.page}>
      {can("workflow:list") && <Waiting />}
      {all.length > FEW && (
        <TextInput
          aria-label={t`Search dashboards`}
          placeholder={t`Search dashboards`}
          leftSection={<IconSearch size={16} />}
          maw={420}
          maxLength={200}
          value={text}
          data-list-search
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      {!q && starred.length > 0 && <Cards title={t`Favorites`} dashboards={starred} />}
      {!q && recent.length > 0 && all.length > FEW && (
        <Cards title={t`Recently opened`} dashboards={recent} />
      )}
      <Cards title={q ? t`Results` : t`All dashboards`} dashboards={found} />
    </div>
  );
}

function Cards({ title, dashboards }: { title: string; dashboards: readonly Dashboard[] }) {
  const link = useTenantLink();
  return (
    <section aria-label={title}>
      <Title order={2} size="h3" mb="sm">
        {title}
      </Title>
      {dashboards.length === 0 && (
        <Text c="var(--jet-muted)" role="status">
          <Trans>No results.</Trans>
        </Text>
      )}
      <ul className={classes.cards}>
        {dashboards.map(({ id, name, description, items }) => (
          <li key={id} className={classes.card}>
            <Link to={link("dashboards", id)} className={classes.cardLink}>
              <span className={classes.name}>{name}</span>
              <span className={classes.cardText}>
                {description || plural(items.length, { one: "# widget", other: "# widgets" })}
              </span>
            </Link>
            <FavoriteButton id={id} name={name} size={28} />
          </li>
        ))}
      </ul>
    </section>
  );
}
