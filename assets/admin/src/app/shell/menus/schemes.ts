import { t } from "@lingui/core/macro";
import type { MantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconMoon, IconSun, type Icon } from "@tabler/icons-react";

export const schemes: { value: MantineColorScheme; label: string; icon: Icon }[] = [
  { value: "auto", label: t`System`, icon: IconDeviceDesktop },
  { value: "light", label: t`Light`, icon: IconSun },
  { value: "dark", label: t`Dark`, icon: IconMoon },
];
