import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Divider, Drawer, Group } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { TenantSwitcher } from "../menus/tenant-switcher";
import { ThemeToggle } from "../menus/theme-toggle";
import { UserMenu } from "../menus/user-menu";
import { openOverlay } from "../overlays";
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
      <Button
        variant="default"
        fullWidth
        my="sm"
        leftSection={<IconSearch size={16} />}
        onClick={() => {
          onClose();
          openOverlay({ name: "palette" });
        }}
      >
        <Trans>Search everything</Trans>
      </Button>
      <NavSections onNavigate={onClose} />
      <Divider my="sm" />
      <Group wrap="nowrap">
        <UserMenu />
        <ThemeToggle />
      </Group>
    </Drawer>
  );
}
