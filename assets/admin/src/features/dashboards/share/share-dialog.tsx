import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Modal, Tabs } from "@mantine/core";
import { IconLock, IconWorld } from "@tabler/icons-react";
import type { Dashboard, JsonObject } from "@/lib/api/model";
import { Access } from "../access/access";
import { ShareLinks } from "./share-links";
import type { ShareTab } from "./share-tabs";

interface ShareDialogProps {
  dashboard: Dashboard;
  /** What the caller may do with the dashboard: at least one of it. */
  tabs: readonly ShareTab[];
  /** The tab to show first. */
  first?: ShareTab;
  /** The values of the filters, which a link can lock. */
  values?: JsonObject;
  onClose: () => void;
}

/** Gives people without an account a link to a dashboard, or decides which members may open it. */
export function ShareDialog({ dashboard, tabs, first, values = {}, onClose }: ShareDialogProps) {
  const [only] = tabs;
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t`Share ${dashboard.name}`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <Tabs defaultValue={first && tabs.includes(first) ? first : (only ?? null)} keepMounted>
        <Tabs.List mb="md">
          {tabs.includes("link") && (
            <Tabs.Tab value="link" leftSection={<IconWorld size={16} />}>
              <Trans>Share link</Trans>
            </Tabs.Tab>
          )}
          {tabs.includes("access") && (
            <Tabs.Tab value="access" leftSection={<IconLock size={16} />}>
              <Trans>Access</Trans>
            </Tabs.Tab>
          )}
        </Tabs.List>
        {tabs.includes("link") && (
          <Tabs.Panel value="link">
            <ShareLinks dashboard={dashboard} values={values} />
          </Tabs.Panel>
        )}
        {tabs.includes("access") && (
          <Tabs.Panel value="access">
            <Access dashboard={dashboard} onClose={onClose} />
          </Tabs.Panel>
        )}
      </Tabs>
    </Modal>
  );
}
