import { PageHeader } from "@/ui/page-header";

export function RunList() {
  return <PageHeader title="Runs" />;
}
