import { t } from "@lingui/core/macro";
import { page } from "@/lib/route";

export const routes = [
  page("/new-tenant", { title: t`New tenant` }, async () => (await import("./new-tenant")).NewTenant),
];
