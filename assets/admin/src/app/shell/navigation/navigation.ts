import { t } from "@lingui/core/macro";
import {
  IconActivity,
  IconFile,
  IconHistory,
  IconHome,
  IconSettings,
  IconUserCheck,
  IconVariable,
  type Icon,
} from "@tabler/icons-react";
import { assetKinds, type AssetKind } from "@/domain/records/asset-kinds";
import { collections } from "@/lib/api/resources";

export interface NavItem {
  label: string;
  /** Path below the tenant; empty for the home page. */
  path: string;
  icon: Icon;
  permission?: string;
  /** The key that opens it after "g". */
  letter?: string;
  /** Whether it shows the number of approvals that wait for the caller. */
  counts?: "tasks";
}

export interface NavSection {
  label?: string;
  items: NavItem[];
}

const builders: [AssetKind, string][] = [
  ["datasource", "s"],
  ["dataquery", "q"],
  ["widget", "w"],
  ["dashboard", "d"],
  ["workflow", "f"],
];

const sections: NavSection[] = [
  { items: [{ label: t`Home`, path: "", icon: IconHome, letter: "h" }] },
  {
    label: t`Build`,
    items: [
      ...builders.map(([kind, letter]) => ({
        letter,
        label: assetKinds[kind].plural,
        path: collections[kind],
        icon: assetKinds[kind].icon,
        permission: `${kind}:list`,
      })),
      { label: t`Files`, path: "files", letter: "i", icon: IconFile, permission: "file:list" },
      {
        label: t`Variables`,
        path: "variables",
        letter: "v",
        icon: IconVariable,
        permission: "variable:list",
      },
    ],
  },
  {
    label: t`Operate`,
    items: [
      { label: t`Runs`, path: "runs", letter: "r", icon: IconActivity, permission: "workflow:list" },
      {
        label: t`Approvals`,
        path: "approvals",
        letter: "a",
        icon: IconUserCheck,
        permission: "workflow:read",
        counts: "tasks",
      },
      { label: t`Audit log`, path: "audit-logs", letter: "l", icon: IconHistory, permission: "audit:list" },
    ],
  },
  { items: [{ label: t`Settings`, path: "settings", letter: "t", icon: IconSettings }] },
];

/** The items in the bottom bar of a phone; the rest is behind "More". */
export const phonePaths = ["", "dashboards", "workflows", "runs"];

export function allowedSections(can: (permission: string) => boolean): NavSection[] {
  return sections
    .map((section) => ({
      ...section,
      items: section.items.filter(({ permission }) => !permission || can(permission)),
    }))
    .filter(({ items }) => items.length > 0);
}
