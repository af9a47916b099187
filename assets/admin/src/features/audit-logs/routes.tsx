import { page } from "@/lib/route";

export const routes = [page("audit-logs", { title: "Audit log", permission: "audit:list" }, async () => (await import("./list")).AuditLog)];
