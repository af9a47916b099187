import { t } from "@lingui/core/macro";
import { IconStarFilled } from "@tabler/icons-react";
import { Link } from "react-router";
import { useFavorites } from "@/domain/records/favorites";
import { useCan } from "@/lib/api/me";
import { useWholeList } from "@/lib/api/whole-list";
import { useTenantLink } from "@/lib/tenant";
import classes from "./home.module.css";
import { Section } from "./section";

/** The caller's favorite dashboards; renders nothing without any. */
export function Favorites() {
  const can = useCan();
  const link = useTenantLink();
  const { favorites } = useFavorites();
  const { items } = useWholeList("dashboard", { enabled: favorites.length > 0 && can("dashboard:list") });
  const shown = favorites.flatMap((id) => items?.find((dashboard) => dashboard.id === id) ?? []);
  if (shown.length === 0) return null;
  return (
    <Section
      title={t`Favorites`}
      empty=""
      rows={shown.map(({ id, name }) => (
        <Link key={id} to={link("dashboards", id)} className={classes.row}>
          <IconStarFilled size={16} color="light-dark(#b7791f, #f2c063)" aria-hidden />
          <span className={classes.name}>{name}</span>
        </Link>
      ))}
    />
  );
}
