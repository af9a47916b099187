import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Menu, Text } from "@mantine/core";
import { IconCheck, IconPlus } from "@tabler/icons-react";
import { Link } from "react-router";
import { startPath, useMe, useMembership } from "@/lib/api/me";
import { serverText } from "@/lib/i18n";
import type { MenuPanel } from "@/ui/on-demand";
import { TenantLogo } from "./tenant-logo";

export const TenantMenuPanel: MenuPanel = ({ button, opened, onChange }) => {
  const { data } = useMe();
  const current = useMembership();
  return (
    <Menu position="bottom-start" width={240} opened={opened} onChange={onChange}>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Trans>Tenants</Trans>
        </Menu.Label>
        {data?.tenants.map((tenant) => (
          <Menu.Item
            key={tenant.id}
            component={Link}
            to={startPath(tenant)}
            leftSection={<TenantLogo tenant={tenant} />}
            rightSection={tenant.id === current?.id ? <IconCheck size={16} aria-label={t`current`} /> : null}
          >
            <Text size="md" truncate>
              {tenant.name}
            </Text>
            <Text size="xs" c="dimmed">
              {serverText(tenant.role.name)}
            </Text>
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item component={Link} to="/new-tenant" leftSection={<IconPlus size={16} />}>
          <Trans>New tenant</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
};
