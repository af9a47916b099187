import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Badge, Button, Group } from "@mantine/core";
import { IconPlus, IconShield, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import { ResourceList } from "@/domain/records/resource-list";
import { SettingsTabs } from "@/domain/tenants/settings-tabs";
import { useCan } from "@/lib/api/me";
import type { Role } from "@/lib/api/model";
import { useDelete } from "@/lib/api/resources";
import { serverText } from "@/lib/i18n";
import { useTenantLink } from "@/lib/tenant";
import { PageHeader } from "@/ui/page/page-header";
import { Time } from "@/ui/text/time";

export function RoleList() {
  const can = useCan();
  const link = useTenantLink();
  const remove = useDelete("role");
  const [doomed, setDoomed] = useState<Role | null>(null);
  const create = can("role:create") && (
    <Button component={Link} to={link("settings", "roles", "new")} leftSection={<IconPlus size={16} />}>
      <Trans>New role</Trans>
    </Button>
  );
  return (
    <>
      <PageHeader title={t`Roles`} actions={create} />
      <SettingsTabs />
      <ResourceList
        kind="role"
        noun={[t`role`, t`roles`]}
        to={({ id }) => link("settings", "roles", id)}
        defaultSort="name"
        actions={(role) =>
          can("role:delete") && !role.builtIn
            ? [
                {
                  label: t`Delete`,
                  icon: <IconTrash size={16} />,
                  danger: true,
                  onClick: () => setDoomed(role),
                },
              ]
            : []
        }
        columns={[
          {
            label: t`Name`,
            sortBy: "name",
            render: ({ name, builtIn }) => (builtIn ? serverText(name) : name),
          },
          {
            label: t`Type`,
            render: ({ builtIn }) => (
              <Group>
                <Badge variant="default" size="sm" tt="none" fw={400}>
                  {builtIn ? t`built-in` : t`custom`}
                </Badge>
              </Group>
            ),
          },
          { label: t`Permissions`, align: "right", render: ({ permissions }) => permissions?.length ?? "" },
          {
            label: t`Updated`,
            sortBy: "updatedAt",
            secondary: true,
            render: ({ builtIn, updatedAt }) => (builtIn ? "–" : <Time value={updatedAt} />),
          },
        ]}
        empty={{
          icon: IconShield,
          title: t`No roles`,
          text: t`A role defines what members and API keys can do.`,
          action: create,
        }}
      />
      <ConfirmDelete
        noun={t`role`}
        name={doomed?.name ?? null}
        onClose={() => setDoomed(null)}
        onDelete={() => (doomed ? remove.mutateAsync({ id: doomed.id }) : Promise.resolve())}
      />
    </>
  );
}
