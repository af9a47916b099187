import { page } from "@/lib/route";

export const routes = [
  page("runs", { title: "Runs", permission: "workflow:list" }, async () => (await import("./list")).RunList),
  page("runs/:instanceID", { title: "Run", permission: "workflow:read" }, async () => (await import("./run-page")).RunPage),
  page("approvals", { title: "Approvals", permission: "workflow:read" }, async () => (await import("./approvals")).Approvals),
];
