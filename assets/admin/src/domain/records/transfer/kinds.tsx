import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { learnChange, tellChange } from "@/lib/api/changes";
import { api } from "@/lib/api/client";
import type { DashboardFile, DashboardFileSummary, WorkflowFile } from "@/lib/api/model";
import { useTenantID, useTenantLink } from "@/lib/tenant";

/** The kinds of records that are exported to files and imported from them. */
export type TransferKind = "dashboard" | "workflow";

/** What a file contains, in groups, and what it needs of this tenant. */
interface Summary {
  name: string;
  parts: { title: string; names: string[] }[];
  uses: DashboardFileSummary["uses"];
  missingVariables: string[];
}

export interface Chosen {
  file: object;
  summary: Summary;
}

interface Kind {
  title: string;
  about: React.ReactNode;
  failure: string;
  notJson: (file: string) => string;
  /** Asks the server what a file contains; it checks the file. */
  preview: (tenantID: string, file: object) => Promise<Summary>;
  /** Creates what it contains. Returns the ID of the new record. */
  create: (tenantID: string, body: Creation) => Promise<string>;
  /** The kinds of records that are created with it. */
  creates: readonly ("dashboard" | "widget" | "dataquery" | "workflow")[];
  page: string;
}

interface Creation {
  file: object;
  name: string;
  targets: Record<string, string>;
}

const named = (parts: readonly { name: string }[]) => parts.map(({ name }) => name);

const dashboard = (): Kind => ({
  title: t`Import a dashboard`,
  about: (
    <Trans>
      Select a file that was saved with <b>Export</b> in the menu of a dashboard, here or on another server.
    </Trans>
  ),
  failure: t`Could not import the dashboard`,
  notJson: (file) => t`${file} is not a dashboard file: it contains no JSON.`,
  preview: async (tenantID, file) => {
    const { name, widgets, queries, uses } = await api.post(
      "/api/v1/tenants/{tenantID}/dashboards/import/preview",
      { path: { tenantID }, body: { file: file as DashboardFile } },
    );
    const parts = [
      { title: plural(widgets.length, { one: "# widget", other: "# widgets" }), names: named(widgets) },
      { title: plural(queries.length, { one: "# query", other: "# queries" }), names: named(queries) },
    ];
    return { name, parts, uses, missingVariables: [] };
  },
  create: async (tenantID, { file, ...body }) => {
    const made = await api.post("/api/v1/tenants/{tenantID}/dashboards/import", {
      path: { tenantID },
      body: { ...body, file: file as DashboardFile },
    });
    return made.dashboard.id;
  },
  creates: ["dashboard", "widget", "dataquery"],
  page: "dashboards",
});

const workflow = (): Kind => ({
  title: t`Import a workflow`,
  about: (
    <Trans>
      Select a file that was saved with <b>Export</b> in the menu of a workflow, here or on another server.
      The new workflow is disabled, and its webhooks get new addresses.
    </Trans>
  ),
  failure: t`Could not import the workflow`,
  notJson: (file) => t`${file} is not a workflow file: it contains no JSON.`,
  preview: async (tenantID, file) => {
    const { name, steps, uses, missingVariables } = await api.post(
      "/api/v1/tenants/{tenantID}/workflows/import/preview",
      { path: { tenantID }, body: { file: file as WorkflowFile } },
    );
    const title = plural(steps.length, { one: "# step", other: "# steps" });
    return { name, parts: [{ title, names: steps }], uses, missingVariables };
  },
  create: async (tenantID, { file, ...body }) => {
    const made = await api.post("/api/v1/tenants/{tenantID}/workflows/import", {
      path: { tenantID },
      body: { ...body, file: file as WorkflowFile },
    });
    return made.id;
  },
  creates: ["workflow"],
  page: "workflows",
});

export const textsOf = (kind: TransferKind): Kind => (kind === "dashboard" ? dashboard() : workflow());

/** Returns a function that creates what a file contains, and opens it. */
export function useImport(kind: TransferKind, file: object) {
  const tenantID = useTenantID();
  const link = useTenantLink();
  const navigate = useNavigate();
  const client = useQueryClient();
  return async (name: string, targets: Record<string, string>) => {
    const { create, creates, page } = textsOf(kind);
    const id = await create(tenantID, { file, name, targets });
    for (const one of creates) {
      tellChange({ tenantID, kind: one });
      await learnChange(client, { tenantID, kind: one });
    }
    void navigate(link(page, id));
  };
}
