import { PageHeader } from "@/ui/page-header";

export function ApiKeyList() {
  return <PageHeader title="API keys" />;
}
