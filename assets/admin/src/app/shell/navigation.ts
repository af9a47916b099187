import {
  IconActivity,
  IconChartBar,
  IconDatabase,
  IconFileSearch,
  IconHistory,
  IconHome,
  IconLayoutDashboard,
  IconSettings,
  IconSitemap,
  type Icon,
} from "@tabler/icons-react";

export interface NavItem {
  label: string;
  /** Below the tenant; empty for its start page. */
  path: string;
  icon: Icon;
  permission?: string;
}

export interface NavSection {
  label?: string;
  items: NavItem[];
}

export const sections: NavSection[] = [
  { items: [{ label: "Home", path: "", icon: IconHome }] },
  {
    label: "Build",
    items: [
      { label: "Datasources", path: "datasources", icon: IconDatabase, permission: "datasource:list" },
      { label: "Queries", path: "data-queries", icon: IconFileSearch, permission: "dataquery:list" },
      { label: "Widgets", path: "widgets", icon: IconChartBar, permission: "widget:list" },
      { label: "Dashboards", path: "dashboards", icon: IconLayoutDashboard, permission: "dashboard:list" },
      { label: "Workflows", path: "workflows", icon: IconSitemap, permission: "workflow:list" },
    ],
  },
  {
    label: "Operate",
    items: [
      { label: "Runs", path: "runs", icon: IconActivity, permission: "workflow:list" },
      { label: "Audit log", path: "audit-logs", icon: IconHistory, permission: "audit:list" },
    ],
  },
  { items: [{ label: "Settings", path: "settings", icon: IconSettings }] },
];

/** What fits into a phone's bottom bar; the rest is behind "More". */
export const phonePaths = ["", "dashboards", "workflows", "runs"];

export function allowedSections(can: (permission: string) => boolean): NavSection[] {
  return sections.map((section) => ({ ...section, items: section.items.filter(({ permission }) => !permission || can(permission)) })).filter(({ items }) => items.length > 0);
}
