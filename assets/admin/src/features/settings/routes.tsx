import { t } from "@lingui/core/macro";
import { page } from "@/lib/route";

export const routes = [
  page("settings", { title: t`Settings` }, async () => (await import("./tenant-settings")).TenantSettings),
  page("settings/server", { title: t`Server` }, async () => (await import("./server-page")).ServerPage),
];
