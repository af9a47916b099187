import { t } from "@lingui/core/macro";
import { page, recordPage } from "@/lib/route";

/** The routes of share links: outside of the app and of every tenant. */
export const openRoutes = [
  page(
    "/share/:token",
    { title: t`Shared dashboard` },
    async () => (await import("./share/shared-view")).SharedView,
  ),
];

export const routes = [
  page(
    "dashboards",
    { title: t`Dashboards`, permission: "dashboard:list" },
    async () => (await import("./list")).DashboardList,
  ),
  page(
    "dashboards/new",
    { title: t`New dashboard`, permission: "dashboard:create" },
    async () => (await import("./list")).DashboardList,
  ),
  page(
    "dashboards/from-table",
    { title: t`App from a table`, permission: "dashboard:create" },
    async () => (await import("./table-app/create-app")).CreateApp,
  ),
  recordPage(
    "dashboards/:dashboardID",
    { title: t`Dashboard`, permission: "dashboard:read" },
    async () => (await import("./view")).ViewDashboard,
  ),
  page(
    "dashboards/:dashboardID/edit",
    { title: t`Edit dashboard`, permission: "dashboard:update" },
    async () => (await import("./edit/edit")).EditDashboard,
  ),
];
