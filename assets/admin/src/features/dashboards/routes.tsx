import { page } from "@/lib/route";

export const routes = [page("dashboards", { title: "Dashboards", permission: "dashboard:list" }, async () => (await import("./list")).DashboardList)];
