import { t } from "@lingui/core/macro";
import { page } from "@/lib/route";

export const routes = [
  page("runs", { title: t`Runs`, permission: "workflow:list" }, async () => (await import("./list")).RunList),
  page(
    "runs/:instanceID",
    { title: t`Workflow run`, permission: "workflow:read" },
    async () => (await import("./run-page")).RunPage,
  ),
  page(
    "approvals",
    { title: t`Approvals`, permission: "workflow:read" },
    async () => (await import("./approvals")).Approvals,
  ),
];
