import { url } from "@/lib/api/client";
import { useCan } from "@/lib/api/me";
import { download } from "@/lib/http/download";
import { useTenantID } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import type { TransferKind } from "./kinds";

interface Exported {
  id: string;
  name: string;
}

/** What exporting a record requires: its file contains what belongs to it. */
const required: Record<TransferKind, readonly string[]> = {
  dashboard: ["dashboard:read", "widget:read", "dataquery:read"],
  workflow: ["workflow:read"],
};

/** Returns a function that saves a record as a file; null for people who may not see all of it. */
export function useExport(kind: TransferKind): ((record: Exported) => void) | null {
  const tenantID = useTenantID();
  const can = useCan();
  if (!required[kind].every(can)) return null;
  return ({ id, name }) => {
    const path =
      kind === "dashboard"
        ? url("/api/v1/tenants/{tenantID}/dashboards/{dashboardID}/export", { tenantID, dashboardID: id })
        : url("/api/v1/tenants/{tenantID}/workflows/{workflowID}/export", { tenantID, workflowID: id });
    void download(path, `${name}.${kind}.json`).catch((error: unknown) => notify.failed(error));
  };
}
