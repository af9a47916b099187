import { PlainPage } from "@/ui/plain-page";

export function NewTenant() {
  return <PlainPage title="New tenant" />;
}
