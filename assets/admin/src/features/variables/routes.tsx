import { t } from "@lingui/core/macro";
import { page } from "@/lib/route";

export const routes = [
  page(
    "variables",
    { title: t`Variables`, permission: "variable:list" },
    async () => (await import("./list")).VariableList,
  ),
];
