import { t } from "@lingui/core/macro";
import { page } from "@/lib/route";

export const routes = [page("files", { title: t`Files`, permission: "file:list" }, async () => (await import("./list")).FileList)];
