import { PageHeader } from "@/ui/page-header";

export function MemberList() {
  return <PageHeader title="Members" />;
}
