import { t } from "@lingui/core/macro";
import { page } from "@/lib/route";

export const routes = [
  page(
    "settings/api-keys",
    { title: t`API keys`, permission: "apikey:list" },
    async () => (await import("./list")).ApiKeyList,
  ),
];
