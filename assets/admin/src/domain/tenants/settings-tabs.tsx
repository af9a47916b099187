import { t } from "@lingui/core/macro";
import { NavLink } from "react-router";
import { useCan } from "@/lib/api/me";
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

/** The tabs of a tenant's settings. */
export function SettingsTabs() {
  const can = useCan();
  const link = useTenantLink();
  return (
    <nav className={classes.tabs} aria-label={t`Settings`}>
      {tabs
        .filter(({ permissions }) => permissions.some(can))
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
