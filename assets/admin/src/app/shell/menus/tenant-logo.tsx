import { Avatar } from "@mantine/core";
import type { Membership } from "@/lib/api/model";
import { initials } from "@/lib/format/format";

export function TenantLogo({ tenant }: { tenant: Membership | undefined }) {
  return (
    <Avatar
      src={tenant?.logoUrl ?? null}
      alt=""
      size={24}
      radius="sm"
      color="accent"
      variant="filled"
      aria-hidden
    >
      {initials(tenant?.name ?? "")}
    </Avatar>
  );
}
