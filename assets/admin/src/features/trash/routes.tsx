import { t } from "@lingui/core/macro";
import { page } from "@/lib/route";

export const routes = [
  page("settings/trash", { title: t`Trash` }, async () => (await import("./list")).Trash),
];
