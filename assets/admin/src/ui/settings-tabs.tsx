import { NavLink } from "react-router";
import { useCan } from "@/lib/api/me";
import { useTenantLink } from "@/lib/tenant";
import classes from "./settings-tabs.module.css";

const tabs = [
  { label: "General", path: "", permission: "tenant:read" },
  { label: "Members", path: "members", permission: "member:list" },
  { label: "Roles", path: "roles", permission: "role:list" },
  { label: "API keys", path: "api-keys", permission: "apikey:list" },
];

/** The pages of a tenant's settings. */
export function SettingsTabs() {
  const can = useCan();
  const link = useTenantLink();
  return (
    <nav className={classes.tabs} aria-label="Settings">
      {tabs
        .filter(({ permission }) => can(permission))
        .map(({ label, path }) => (
          <NavLink key={path} className={classes.tab ?? ""} to={path ? link("settings", path) : link("settings")} end={path === ""}>
            {label}
          </NavLink>
        ))}
    </nav>
  );
}
