import { PageHeader } from "@/ui/page-header";

export function AuditLog() {
  return <PageHeader title="Audit log" />;
}
