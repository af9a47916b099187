import { PageHeader } from "@/ui/page-header";

export function RoleList() {
  return <PageHeader title="Roles" />;
}
