import { useEffect } from "react";
import { useMatches } from "react-router";
import { isApiError } from "@/lib/api/errors";
import { useMe } from "@/lib/api/me";
import { useOne } from "@/lib/api/resources";
import { runName } from "@/lib/flow/run-name";
import { useTenantID } from "@/lib/tenant";
import { forget, remember, type VisitKind } from "@/lib/visits";
import { useReadableAddress } from "./use-readable-address";

/** Which URL parameter names which kind. */
const parameters: Record<string, VisitKind> = {
  datasourceID: "datasource",
  fileID: "file",
  queryID: "dataquery",
  widgetID: "widget",
  dashboardID: "dashboard",
  workflowID: "workflow",
  instanceID: "instance",
};

/** Records what is opened once its page has loaded it; forgets records that no longer exist. */
export function useRememberVisits(): void {
  const tenantID = useTenantID();
  const userID = useMe().data?.user.id;
  const params = useMatches().at(-1)?.params ?? {};
  const [parameter, kind] = Object.entries(parameters).find(([name]) => params[name]) ?? [];
  const id = parameter ? params[parameter] : undefined;
  // The page itself loads it: here it is only observed.
  const { data, error } = useOne(kind ?? "datasource", id, { enabled: false });
  const gone = isApiError(error, "NOT_FOUND");
  const name = !data
    ? undefined
    : "workflowName" in data
      ? runName(data)
      : "name" in data
        ? data.name
        : undefined;
  const isPart = data !== undefined && "dashboardID" in data && Boolean(data.dashboardID);

  useReadableAddress(id, name);
  useEffect(() => {
    if (!userID || !kind || !id) return;
    if (gone) forget({ userID, tenantID }, id);
    else if (name) remember({ userID, tenantID }, { kind, id, name, isPart });
  }, [userID, tenantID, kind, id, name, isPart, gone]);
}
