import { t } from "@lingui/core/macro";
import { page } from "@/lib/route";

export const routes = [
  page(
    "settings/roles",
    { title: t`Roles`, permission: "role:list" },
    async () => (await import("./list")).RoleList,
  ),
  page(
    "settings/roles/new",
    { title: t`New role`, permission: "role:create" },
    async () => (await import("./create")).CreateRole,
  ),
  page(
    "settings/roles/:roleID",
    { title: t`Role`, permission: "role:read" },
    async () => (await import("./edit")).EditRole,
  ),
];
