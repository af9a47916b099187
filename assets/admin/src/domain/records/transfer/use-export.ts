import { url } from "@/lib/api/client";
import { useCan } from "@/lib/api/me";
import { download } from "@/lib/http/download";
import { useTenantID } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";

interface Exported {
  id: string;
  name: string;
}

/** Returns a function that saves a dashboard as a file; null for people who may not see its queries. */
export function useExport(): ((dashboard: Exported) => void) | null {
  const tenantID = useTenantID();
  const can = useCan();
  if (!["dashboard:read", "widget:read", "dataquery:read"].every(can)) return null;
  return ({ id, name }) => {
    const path = url("/api/v1/tenants/{tenantID}/dashboards/{dashboardID}/export", {
      tenantID,
      dashboardID: id,
    });
    void download(path, `${name}.dashboard.json`).catch((error: unknown) => notify.failed(error));
  };
}
