import { page } from "@/lib/route";

export const routes = [page("settings/roles", { title: "Roles", permission: "role:list" }, async () => (await import("./list")).RoleList)];
