import { page } from "@/lib/route";

/** For whoever holds a link: outside of the app and of every tenant. */
export const openRoutes = [page("/share/:token", { title: "Shared dashboard" }, async () => (await import("./shared-view")).SharedView)];

export const routes = [
  page("dashboards", { title: "Dashboards", permission: "dashboard:list" }, async () => (await import("./list")).DashboardList),
  page("dashboards/:dashboardID", { title: "Dashboard", permission: "dashboard:read" }, async () => (await import("./view")).ViewDashboard),
  page("dashboards/:dashboardID/edit", { title: "Edit dashboard", permission: "dashboard:update" }, async () => (await import("./edit")).EditDashboard),
];
