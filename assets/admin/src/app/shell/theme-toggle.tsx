import { t } from "@lingui/core/macro";
import { ActionIcon, Menu, Tooltip, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { IconCheck, IconDeviceDesktop, IconMoon, IconSun, type Icon } from "@tabler/icons-react";

const schemes: { value: MantineColorScheme; label: string; icon: Icon }[] = [
  { value: "auto", label: t`As the system`, icon: IconDeviceDesktop },
  { value: "light", label: t`Light`, icon: IconSun },
  { value: "dark", label: t`Dark`, icon: IconMoon },
];

export function ThemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Current = schemes.find(({ value }) => value === colorScheme)?.icon ?? IconDeviceDesktop;
  return (
    <Menu position="top-start">
      <Menu.Target>
        <Tooltip label={t`Colours`} position="right">
          <ActionIcon size="lg" aria-label={t`Colours`}>
            <Current size={18} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {schemes.map(({ value, label, icon: Icon }) => (
          <Menu.Item key={value} leftSection={<Icon size={16} />} rightSection={value === colorScheme ? <IconCheck size={16} aria-label={t`chosen`} /> : null} onClick={() => setColorScheme(value)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
