import { t } from "@lingui/core/macro";
import { NavLink } from "react-router";
import { useCan } from "@/lib/api/me";
import { useTenantLink } from "@/lib/tenant";
import classes from "./settings-tabs.module.css";

const tabs = [
  { label: t`General`, path: "", permission: "tenant:read" },
  { label: t`Members`, path: "members", permission: "member:list" },
  { label: t`Roles`, path: "roles", permission: "role:list" },
  { label: t`API keys`, path: "api-keys", permission: "apikey:list" },
];

/** The tabs of a tenant's settings. */
export function SettingsTabs() {
  const can = useCan();
  const link = useTenantLink();
  return (
    <nav className={classes.tabs} aria-label={t`Settings`}>
      {tabs
        .filter(({ permission }) => can(permission))
        .map(({ label, path }) => (
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
