import { page } from "@/lib/route";

export const routes = [page("/new-tenant", { title: "New tenant" }, async () => (await import("./new-tenant")).NewTenant)];
