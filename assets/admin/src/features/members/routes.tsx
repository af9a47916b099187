import { t } from "@lingui/core/macro";
import { page } from "@/lib/route";

export const routes = [
  page(
    "settings/members",
    { title: t`Members`, permission: "member:list" },
    async () => (await import("./list")).MemberList,
  ),
];
