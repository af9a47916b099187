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
import { isReader } from "@/lib/api/me";
import { collections } from "@/lib/api/resources";

export interface NavItem {
  label: string;
  /** Path below the tenant; empty for the home page. */
  path: string;
  icon: Icon;
  permission?: string;
  /** The key that opens it after "g". */
  letter?: string;
  /** What people who build nothing need to use it; false if they have no use for it. */
  readers?: string | false;
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

/** The permission that makes a list useful without building. */
const readers: Partial<Record<AssetKind, string>> = {
  dashboard: "dashboard:list",
  workflow: "workflow:execute",
};

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
        readers: readers[kind] ?? (false as const),
      })),
      {
        label: t`Files`,
        path: "files",
        letter: "i",
        icon: IconFile,
        permission: "file:list",
        readers: false,
      },
      {
        label: t`Variables`,
        path: "variables",
        letter: "v",
        icon: IconVariable,
        permission: "variable:list",
        readers: false,
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

/** The items in the bottom bar of a phone, which has room for four; the rest is behind "More". */
const phonePaths = ["", "dashboards", "workflows", "runs", "approvals"];

export const phoneItems = (can: (permission: string) => boolean): NavItem[] =>
  allowedSections(can)
    .flatMap(({ items }) => items)
    .filter(({ path }) => phonePaths.includes(path))
    .slice(0, 4);

export function allowedSections(can: (permission: string) => boolean): NavSection[] {
  const reads = isReader(can);
  const isAllowed = ({ permission, readers: needed }: NavItem) =>
    (!permission || can(permission)) && (!reads || needed === undefined || (needed !== false && can(needed)));
  return sections
    .map(({ label, items }) => ({
      ...(label === undefined || reads ? {} : { label }),
      items: items.filter(isAllowed),
    }))
    .filter(({ items }) => items.length > 0);
}
