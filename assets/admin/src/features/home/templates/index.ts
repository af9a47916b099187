import { t } from "@lingui/core/macro";
import {
  IconChartLine,
  IconChecklist,
  IconMoon,
  IconUsers,
  IconWebhook,
  type Icon,
} from "@tabler/icons-react";
import { customers } from "./customers";
import { orders } from "./orders";
import type { Build } from "./template";
import { approval, intake, report } from "./workflows";

export interface Template {
  id: string;
  title: string;
  /** What it creates. */
  text: string;
  icon: Icon;
  /** What the caller must be allowed to create. */
  kinds: ("datasource" | "file" | "dataquery" | "widget" | "dashboard" | "workflow")[];
  build: Build;
}

const app = ["datasource", "dataquery", "widget", "dashboard"] as const;

/** Each creates ordinary records that work without any connection. */
export const templates: Template[] = [
  {
    id: "customers",
    title: t`Customers app`,
    text: t`Search, add, edit and delete rows of a SQLite file.`,
    icon: IconUsers,
    kinds: [...app],
    build: customers,
  },
  {
    id: "orders",
    title: t`Orders dashboard`,
    text: t`Figures, charts and a table over a CSV file.`,
    icon: IconChartLine,
    kinds: [...app, "file"],
    build: orders,
  },
  {
    id: "approval",
    title: t`Expense approval`,
    text: t`A workflow that waits for a person to decide.`,
    icon: IconChecklist,
    kinds: ["workflow"],
    build: approval,
  },
  {
    id: "report",
    title: t`Nightly report`,
    text: t`A workflow that summarizes data on a schedule.`,
    icon: IconMoon,
    kinds: ["datasource", "file", "dataquery", "workflow"],
    build: report,
  },
  {
    id: "intake",
    title: t`Webhook intake`,
    text: t`Stores what other systems send, and shows it.`,
    icon: IconWebhook,
    kinds: [...app, "workflow"],
    build: intake,
  },
];
