import { page } from "@/lib/route";

export const routes = [
  page("dashboards", { title: "Dashboards", permission: "dashboard:list" }, async () => (await import("./list")).DashboardList),
  page("dashboards/:dashboardID", { title: "Dashboard", permission: "dashboard:read" }, async () => (await import("./view")).ViewDashboard),
  page("dashboards/:dashboardID/edit", { title: "Edit dashboard", permission: "dashboard:update" }, async () => (await import("./edit")).EditDashboard),
];
