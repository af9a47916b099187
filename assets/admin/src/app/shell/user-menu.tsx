import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Avatar, Kbd, Menu, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconCheck, IconKeyboard, IconLanguage, IconLogout, IconUser } from "@tabler/icons-react";
import { Link, useParams } from "react-router";
import { useMe } from "@/lib/api/me";
import { initials } from "@/lib/format";
import { chooseLanguage, language, languageNames } from "@/lib/i18n";
import { openOverlay } from "./overlays";
import classes from "./shell.module.css";

export function UserMenu({ compact = false }: { compact?: boolean }) {
  const { tenantID } = useParams();
  const { data } = useMe();
  const name = data?.user.name || data?.user.email || "";
  return (
    <Menu position="top-start" width={240}>
      <Menu.Target>
        <UnstyledButton className={classes.user}>
          <Avatar src={data?.user.photoUrl ?? null} alt="" size={24} radius="xl" color="gray" aria-hidden>
            {initials(name)}
          </Avatar>
          {compact ? (
            <VisuallyHidden>{t`Account of ${name}`}</VisuallyHidden>
          ) : (
            <Text size="sm" truncate flex={1}>
              <Trans><VisuallyHidden>Account of </VisuallyHidden>{name}</Trans>
            </Text>
          )}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{data?.user.email}</Menu.Label>
        <Menu.Item component={Link} to={`/t/${tenantID}/profile`} leftSection={<IconUser size={16} />}>
          <Trans>Profile</Trans>
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} />} rightSection={<Kbd size="xs" aria-hidden>?</Kbd>} onClick={() => openOverlay({ name: "shortcuts" })}>
          <Trans>Keyboard shortcuts</Trans>
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label><Trans>Language</Trans></Menu.Label>
        {languageNames.map(([key, name]) => (
          <Menu.Item key={key} lang={key} leftSection={<IconLanguage size={16} />} rightSection={key === language() ? <IconCheck size={16} aria-label={t`chosen`} /> : null} onClick={() => chooseLanguage(key)}>
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item component={Link} to="/sign-out" replace leftSection={<IconLogout size={16} />}>
          <Trans>Sign out</Trans>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
