import { t } from "@lingui/core/macro";
import { indexPage, page } from "@/lib/route";

export const routes = [
  indexPage({ title: t`Home` }, async () => (await import("./home")).Home),
  page(
    "templates",
    { title: t`Templates`, permission: "workflow:create" },
    async () => (await import("./template-list")).Templates,
  ),
];
