import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Avatar, Menu, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconCheck, IconPlus, IconSelector } from "@tabler/icons-react";
import { Link } from "react-router";
import { useMe, useMembership } from "@/lib/api/me";
import type { Membership } from "@/lib/api/model";
import { initials } from "@/lib/format";
import { serverText } from "@/lib/i18n";
import classes from "./shell.module.css";

function Logo({ tenant }: { tenant: Membership | undefined }) {
  return (
    <Avatar src={tenant?.logoUrl ?? null} alt="" size={24} radius="sm" color="accent" variant="filled" aria-hidden>
      {initials(tenant?.name ?? "")}
    </Avatar>
  );
}

export function TenantSwitcher({ compact = false }: { compact?: boolean }) {
  const { data } = useMe();
  const current = useMembership();
  return (
    <Menu position="bottom-start" width={240}>
      <Menu.Target>
        <UnstyledButton className={classes.tenant}>
          <Logo tenant={current} />
          {compact ? (
            <VisuallyHidden>{current?.name}</VisuallyHidden>
          ) : (
            <>
              <Text fw={600} size="md" truncate flex={1}>
                {current?.name}
              </Text>
              <IconSelector size={16} aria-hidden />
            </>
          )}
          <VisuallyHidden><Trans>switch tenant</Trans></VisuallyHidden>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label><Trans>Tenants</Trans></Menu.Label>
        {data?.tenants.map((tenant) => (
          <Menu.Item key={tenant.id} component={Link} to={`/t/${tenant.id}`} leftSection={<Logo tenant={tenant} />} rightSection={tenant.id === current?.id ? <IconCheck size={16} aria-label={t`current`} /> : null}>
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
}
