import { t } from "@lingui/core/macro";
import { useCallback } from "react";
import { NavLink } from "react-router";
import { useCan, useMe } from "@/lib/api/me";
import { useTenantLink } from "@/lib/tenant";
import classes from "./settings-tabs.module.css";

const tabs = [
  { label: t`General`, path: "", permissions: ["tenant:read"] },
  { label: t`Members`, path: "members", permissions: ["member:list"] },
  { label: t`Roles`, path: "roles", permissions: ["role:list"] },
  { label: t`API keys`, path: "api-keys", permissions: ["apikey:list"] },
  {
    label: t`Trash`,
    path: "trash",
    // Others could only look: what is deleted is restored with the permission to create, and removed with that to delete.
    permissions: ["datasource", "dataquery", "widget", "dashboard", "workflow", "variable"].flatMap(
      (kind) => [`${kind}:create`, `${kind}:delete`],
    ),
  },
];

/** Not a part of the tenant: only for the admin of the instance. */
const server = { label: t`Server`, path: "server" };

/** The tabs of a tenant's settings. */
export function SettingsTabs() {
  const can = useCan();
  const link = useTenantLink();
  const isAdmin = useMe().data?.user.isInstanceAdmin === true;
  // On a phone the tabs are wider than the window.
  const reveal = useCallback((nav: HTMLElement | null) => {
    const active = nav?.querySelector<HTMLElement>("[aria-current=page]");
    if (nav && active) nav.scrollLeft = active.offsetLeft - (nav.clientWidth - active.offsetWidth) / 2;
  }, []);
  const shown = tabs.filter(({ permissions }) => permissions.some(can));
  return (
    <nav ref={reveal} className={classes.tabs} aria-label={t`Settings`}>
      {[...shown, ...(isAdmin ? [server] : [])].map(({ label, path }) => (
        <NavLink
          key={path}
          className={classes.tab ?? ""}
          to={path ? link("settings", path) : link("settings")}
          end={path === ""}
        >
          {label}
        </NavLink>
      ))}
    </nav>
  );
}
