import { page } from "@/lib/route";

export const routes = [page("data-queries", { title: "Queries", permission: "dataquery:list" }, async () => (await import("./list")).QueryList)];
