import { PageHeader } from "@/ui/page-header";

export function Home() {
  return <PageHeader title="Home" />;
}
