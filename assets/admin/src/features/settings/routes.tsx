import { page } from "@/lib/route";

export const routes = [page("settings", { title: "Settings" }, async () => (await import("./tenant-settings")).TenantSettings)];
