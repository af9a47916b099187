import { t } from "@lingui/core/macro";
import {
  IconChartBar,
  IconDatabase,
  IconFileSearch,
  IconLayoutDashboard,
  IconSitemap,
  type Icon,
} from "@tabler/icons-react";
import type { Kind } from "@/lib/api/resources";

export type AssetKind = Extract<Kind, "datasource" | "dataquery" | "widget" | "dashboard" | "workflow">;

/** The icon and names of each kind of record that people build. */
export const assetKinds: Record<AssetKind, { icon: Icon; word: string; plural: string; fresh: string }> = {
  datasource: { icon: IconDatabase, word: t`Datasource`, plural: t`Datasources`, fresh: t`New datasource` },
  dataquery: { icon: IconFileSearch, word: t`Query`, plural: t`Queries`, fresh: t`New query` },
  widget: { icon: IconChartBar, word: t`Widget`, plural: t`Widgets`, fresh: t`New widget` },
  dashboard: {
    icon: IconLayoutDashboard,
    word: t`Dashboard`,
    plural: t`Dashboards`,
    fresh: t`New dashboard`,
  },
  workflow: { icon: IconSitemap, word: t`Workflow`, plural: t`Workflows`, fresh: t`New workflow` },
};

export const isAssetKind = (kind: string): kind is AssetKind => kind in assetKinds;
