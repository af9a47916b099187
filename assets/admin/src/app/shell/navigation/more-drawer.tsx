import { t } from "@lingui/core/macro";
import { Divider, Drawer, Group } from "@mantine/core";
import { TenantSwitcher } from "../menus/tenant-switcher";
import { ThemeToggle } from "../menus/theme-toggle";
import { UserMenu } from "../menus/user-menu";
import { NavSections } from "./rail";

/** The navigation items that do not fit into the bottom bar. */
export function MoreDrawer({ onClose }: { onClose: () => void }) {
  return (
    <Drawer
      opened
      onClose={onClose}
      position="bottom"
      size="auto"
      title={t`Pages`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <TenantSwitcher />
      <NavSections onNavigate={onClose} />
      <Divider my="sm" />
      <Group wrap="nowrap">
        <UserMenu />
        <ThemeToggle />
      </Group>
    </Drawer>
  );
}
