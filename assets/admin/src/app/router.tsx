import { createBrowserRouter } from "react-router";
import { routes as apiKeys } from "@/features/api-keys/routes";
import { routes as auditLogs } from "@/features/audit-logs/routes";
import { routes as auth } from "@/features/auth/routes";
import { openRoutes as shared, routes as dashboards } from "@/features/dashboards/routes";
import { routes as dataQueries } from "@/features/data-queries/routes";
import { routes as datasources } from "@/features/datasources/routes";
import { routes as files } from "@/features/files/routes";
import { routes as home } from "@/features/home/routes";
import { routes as members } from "@/features/members/routes";
import { routes as profile } from "@/features/profile/routes";
import { routes as roles } from "@/features/roles/routes";
import { routes as instances } from "@/features/runs/routes";
import { routes as settings } from "@/features/settings/routes";
import { routes as tenants } from "@/features/tenants/routes";
import { routes as trash } from "@/features/trash/routes";
import { routes as variables } from "@/features/variables/routes";
import { routes as widgets } from "@/features/widgets/routes";
import { routes as workflows } from "@/features/workflows/routes";
import { base } from "@/lib/http/base";
import { NotFound } from "@/ui/page/plain-page";
import { Landing } from "./landing";
import { RequireSession } from "./require-session";
import { RouteError } from "./route-error";

const inTenant = [
  home,
  datasources,
  files,
  variables,
  dataQueries,
  widgets,
  dashboards,
  workflows,
  instances,
  members,
  roles,
  apiKeys,
  auditLogs,
  settings,
  trash,
  profile,
].flat();

const routes = [
  {
    ErrorBoundary: RouteError,
    HydrateFallback: () => null,
    children: [
      ...auth,
      ...shared,
      {
        Component: RequireSession,
        children: [
          { path: "/", Component: Landing },
          ...tenants,
          {
            path: "/t/:tenantID",
            lazy: async () => ({ Component: (await import("./shell/tenant-layout")).TenantLayout }),
            children: [
              { ErrorBoundary: RouteError, children: [...inTenant, { path: "*", Component: NotFound }] },
            ],
          },
        ],
      },
      { path: "*", Component: NotFound },
    ],
  },
];

export const router = createBrowserRouter(routes, { basename: base || "/" });
