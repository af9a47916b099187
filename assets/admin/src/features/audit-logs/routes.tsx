import { t } from "@lingui/core/macro";
import { page } from "@/lib/route";

export const routes = [
  page(
    "audit-logs",
    { title: t`Audit log`, permission: "audit:list" },
    async () => (await import("./list")).AuditLog,
  ),
];
