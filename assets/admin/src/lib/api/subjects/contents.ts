import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { learnChange, tellChange } from "@/lib/api/changes";
import { api } from "@/lib/api/client";
import { keys } from "@/lib/api/keys";
import type { DashboardContents, SavedContents } from "@/lib/api/model";
import { useTenantID } from "@/lib/tenant";

/** Saves a dashboard with its widgets and queries: all of it, or nothing. */
export function useSaveContents(dashboardID: string) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useCallback(
    async (contents: DashboardContents): Promise<SavedContents> => {
      const saved: SavedContents = await api.put(
        "/api/v1/tenants/{tenantID}/dashboards/{dashboardID}/contents",
        {
          path: { tenantID, dashboardID },
          body: contents,
        },
      );
      const { dashboard, widgets, queries } = saved;
      client.setQueryData(keys.one(tenantID, "dashboard", dashboardID), dashboard);
      for (const widget of widgets) client.setQueryData(keys.one(tenantID, "widget", widget.id), widget);
      for (const query of queries) client.setQueryData(keys.one(tenantID, "dataquery", query.id), query);
      const gone = [
        ...(contents.deletedWidgets ?? []).map(({ id }) => ({
          tenantID,
          kind: "widget" as const,
          id,
          gone: true,
        })),
        ...(contents.deletedQueries ?? []).map(({ id }) => ({
          tenantID,
          kind: "dataquery" as const,
          id,
          gone: true,
        })),
      ];
      const changes = [
        { tenantID, kind: "dashboard" as const, id: dashboardID },
        ...widgets.map(({ id }) => ({ tenantID, kind: "widget" as const, id })),
        ...queries.map(({ id }) => ({ tenantID, kind: "dataquery" as const, id })),
        ...gone,
      ];
      for (const change of changes) tellChange(change);
      await Promise.all(changes.map((change) => learnChange(client, change)));
      return saved;
    },
    [client, dashboardID, tenantID],
  );
}
