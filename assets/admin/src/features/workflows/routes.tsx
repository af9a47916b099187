import { page } from "@/lib/route";

export const routes = [page("workflows", { title: "Workflows", permission: "workflow:list" }, async () => (await import("./list")).WorkflowList)];
