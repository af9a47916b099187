import { t } from "@lingui/core/macro";
import { page, recordPage } from "@/lib/route";

export const routes = [
  page(
    "data-queries",
    { title: t`Queries`, permission: "dataquery:list" },
    async () => (await import("./list")).QueryList,
  ),
  page(
    "data-queries/new",
    { title: t`New query`, permission: "dataquery:create" },
    async () => (await import("./create")).CreateQuery,
  ),
  recordPage(
    "data-queries/:queryID",
    { title: t`Query`, permission: "dataquery:read" },
    async () => (await import("./edit")).EditQuery,
  ),
];
