import { page } from "@/lib/route";

export const routes = [page("runs", { title: "Runs", permission: "workflow:list" }, async () => (await import("./list")).RunList)];
