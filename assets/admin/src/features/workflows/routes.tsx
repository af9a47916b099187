import { t } from "@lingui/core/macro";
import { page, recordPage } from "@/lib/route";

export const routes = [
  page(
    "workflows",
    { title: t`Workflows`, permission: "workflow:list" },
    async () => (await import("./list")).WorkflowList,
  ),
  page(
    "workflows/new",
    { title: t`New workflow`, permission: "workflow:create" },
    async () => (await import("./list")).WorkflowList,
  ),
  recordPage(
    "workflows/:workflowID",
    { title: t`Workflow`, permission: "workflow:read", roomy: true },
    async () => (await import("./edit")).EditWorkflow,
  ),
  page(
    "workflows/:workflowID/versions/:version",
    { title: t`Workflow version`, permission: "workflow:read", roomy: true },
    async () => (await import("./versions/version-page")).WorkflowVersionPage,
  ),
];
