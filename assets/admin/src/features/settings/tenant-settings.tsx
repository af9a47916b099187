import { PageHeader } from "@/ui/page-header";

export function TenantSettings() {
  return <PageHeader title="Settings" />;
}
