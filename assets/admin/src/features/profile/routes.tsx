import { t } from "@lingui/core/macro";
import { page } from "@/lib/route";

export const routes = [
  page("profile", { title: t`Profile` }, async () => (await import("./profile")).Profile),
];
