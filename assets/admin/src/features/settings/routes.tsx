import { t } from "@lingui/core/macro";
import { page } from "@/lib/route";

export const routes = [
  page("settings", { title: t`Settings` }, async () => (await import("./tenant-settings")).TenantSettings),
];
