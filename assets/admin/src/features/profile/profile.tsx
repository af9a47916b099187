import { PageHeader } from "@/ui/page-header";

export function Profile() {
  return <PageHeader title="Profile" />;
}
