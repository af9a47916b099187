import { t } from "@lingui/core/macro";
import { ActionIcon, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop } from "@tabler/icons-react";
import { lazy } from "react";
import { OnDemand } from "@/ui/on-demand";
import { schemes } from "./schemes";

const load = async () => ({ default: (await import("./theme-menu-panel")).ThemeMenuPanel });
const Panel = lazy(load);

export function ThemeToggle() {
  const { colorScheme } = useMantineColorScheme();
  const Current = schemes.find(({ value }) => value === colorScheme)?.icon ?? IconDeviceDesktop;
  return (
    <OnDemand panel={Panel} preload={() => void load()}>
      <ActionIcon size="lg" aria-label={t`Color scheme`} title={t`Color scheme`}>
        <Current size={18} stroke={1.6} />
      </ActionIcon>
    </OnDemand>
  );
}
