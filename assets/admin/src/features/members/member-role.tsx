import { t } from "@lingui/core/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RoleSelect } from "@/domain/tenants/role-select";
import { api } from "@/lib/api/client";
import { keys } from "@/lib/api/keys";
import { meKey, useCan } from "@/lib/api/me";
import type { Member } from "@/lib/api/model";
import { serverText } from "@/lib/i18n";
import { useTenantID } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";

/** Shows a member's role; callers with permission can change it in place. */
export function MemberRole({ member }: { member: Member }) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  const can = useCan();
  const change = useMutation({
    mutationFn: (roleID: string) =>
      api.patch("/api/v1/tenants/{tenantID}/members/{userID}", {
        path: { tenantID, userID: member.userID },
        body: { roleID },
      }),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.kind(tenantID, "member") }),
        client.invalidateQueries({ queryKey: meKey }),
      ]),
    onError: (error) => notify.failed(error, t`Could not change the role`),
  });
  if (!can("member:update") || !can("role:list")) return serverText(member.roleName);
  return (
    <RoleSelect
      aria-label={t`Role of ${member.name || member.email}`}
      size="xs"
      variant="unstyled"
      styles={{ input: { fontSize: "inherit" } }}
      disabled={change.isPending}
      value={change.isPending ? change.variables : member.roleID}
      onChange={(roleID) => roleID && roleID !== member.roleID && change.mutate(roleID)}
    />
  );
}
