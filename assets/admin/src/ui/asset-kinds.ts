import { IconChartBar, IconDatabase, IconFileSearch, IconLayoutDashboard, IconSitemap, type Icon } from "@tabler/icons-react";
import type { Kind } from "@/lib/api/resources";

export type AssetKind = Extract<Kind, "datasource" | "dataquery" | "widget" | "dashboard" | "workflow">;

/** How each kind of thing that people build is drawn and called. */
export const assetKinds: Record<AssetKind, { icon: Icon; word: string; plural: string }> = {
  datasource: { icon: IconDatabase, word: "Datasource", plural: "Datasources" },
  dataquery: { icon: IconFileSearch, word: "Query", plural: "Queries" },
  widget: { icon: IconChartBar, word: "Widget", plural: "Widgets" },
  dashboard: { icon: IconLayoutDashboard, word: "Dashboard", plural: "Dashboards" },
  workflow: { icon: IconSitemap, word: "Workflow", plural: "Workflows" },
};
