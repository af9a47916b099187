import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Kbd, Menu } from "@mantine/core";
import { IconCheck, IconKeyboard, IconLanguage, IconLogout, IconUser } from "@tabler/icons-react";
import { Link, useParams } from "react-router";
import { useMe } from "@/lib/api/me";
import { chooseLanguage, language, languageNames } from "@/lib/i18n";
import type { MenuPanel } from "@/ui/on-demand";
import { openOverlay } from "../overlays";

export const UserMenuPanel: MenuPanel = ({ button, opened, onChange }) => {
  const { tenantID } = useParams();
  const { data } = useMe();
  return (
    <Menu position="top-start" width={240} opened={opened} onChange={onChange}>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{data?.user.email}</Menu.Label>
        <Menu.Item component={Link} to={`/t/${tenantID}/profile`} leftSection={<IconUser size={16} />}>
          <Trans>Profile</Trans>
        </Menu.Item>
        <Menu.Item
          leftSection={<IconKeyboard size={16} />}
          rightSection={
            <Kbd size="xs" aria-hidden>
              ?
            </Kbd>
          }
          onClick={() => openOverlay({ name: "shortcuts" })}
        >
          <Trans>Keyboard shortcuts</Trans>
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>
          <Trans>Language</Trans>
        </Menu.Label>
        {languageNames.map(([key, name]) => (
          <Menu.Item
            key={key}
            lang={key}
            leftSection={<IconLanguage size={16} />}
            rightSection={key === language() ? <IconCheck size={16} aria-label={t`selected`} /> : null}
            onClick={() => chooseLanguage(key)}
          >
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
};
