import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Badge, Text } from "@mantine/core";
import { IconShield } from "@tabler/icons-react";
import { RecordListPage } from "@/domain/records/page/record-list-page";
import type { ListColumn } from "@/domain/records/resource-list";
import { SettingsTabs } from "@/domain/tenants/settings-tabs";
import type { Role } from "@/lib/api/model";
import { usePermissions } from "@/lib/api/subjects/tenants";
import { formatNumber } from "@/lib/format/format";
import { serverText } from "@/lib/i18n";
import { useTenantLink } from "@/lib/tenant";
import { Time } from "@/ui/text/time";
import { summaryOf } from "./permission-words";

export function RoleList() {
  const link = useTenantLink();
  return (
    <RecordListPage
      kind="role"
      columns={columns}
      create={{ label: t`New role`, to: link("settings", "roles", "new") }}
      empty={{
        icon: IconShield,
        title: t`No roles`,
        text: t`A role defines what members and API keys can do.`,
      }}
      defaultSort="name"
      tabs={<SettingsTabs />}
    />
  );
}

/** What a role allows, in words, with the number of permissions. */
function PermissionSummary({ role: { permissions } }: { role: Role }) {
  const known = usePermissions().data?.map(({ name }) => name);
  if (!known) return null;
  const [count, all] = [formatNumber(permissions?.length ?? 0), formatNumber(known.length)];
  return (
    <>
      {summaryOf(permissions ?? [], known)}{" "}
      <Text span size="xs" c="dimmed" className="tabular" style={{ whiteSpace: "nowrap" }}>
        <Trans>
          {count} of {all}
        </Trans>
      </Text>
    </>
  );
}

const columns: ListColumn<Role>[] = [
  {
    label: t`Name`,
    sortBy: "name",
    render: ({ name, builtIn }) => (builtIn ? serverText(name) : name),
  },
  {
    label: t`Description`,
    secondary: true,
    render: ({ builtIn, description }) => (builtIn ? serverText(description) : description),
  },
  {
    label: t`Type`,
    secondary: "phone",
    render: ({ builtIn }) => (
      <Badge variant="default" size="sm" tt="none" fw={400} miw="max-content">
        {builtIn ? t`built-in` : t`custom`}
      </Badge>
    ),
  },
  { label: t`Permissions`, render: (role) => <PermissionSummary role={role} /> },
  {
    label: t`Updated`,
    sortBy: "updatedAt",
    secondary: true,
    render: ({ builtIn, updatedAt }) => (builtIn ? "–" : <Time value={updatedAt} />),
  },
];
