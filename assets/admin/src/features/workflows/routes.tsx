import { page } from "@/lib/route";

export const routes = [
  page("workflows", { title: "Workflows", permission: "workflow:list" }, async () => (await import("./list")).WorkflowList),
  page("workflows/:workflowID", { title: "Workflow", permission: "workflow:read" }, async () => (await import("./edit")).EditWorkflow),
  page("workflows/:workflowID/versions/:version", { title: "Workflow version", permission: "workflow:read" }, async () => (await import("./version-page")).WorkflowVersionPage),
];
