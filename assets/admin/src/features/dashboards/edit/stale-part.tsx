import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Text } from "@mantine/core";
import type { DashboardEditor } from "./use-dashboard-editor";

/** Asks what to do with a widget or a query that someone else has saved while it was edited here. */
export function StalePartDialog({ dashboard }: { dashboard: DashboardEditor }) {
  const { stale, contents, setContents, forgetStale } = dashboard;
  if (!stale) return null;
  const list = stale.kind === "widget" ? "widgets" : "queries";
  const local = contents[list][stale.id];
  const takeTheirs = () => {
    const { [stale.id]: _, ...others } = contents[list];
    setContents({ ...contents, [list]: others });
    forgetStale();
  };
  const keepMine = () => {
    if (local)
      setContents({
        ...contents,
        [list]: { ...contents[list], [stale.id]: { ...local, version: stale.version } },
      });
    forgetStale();
  };
  return (
    <Modal
      opened
      onClose={forgetStale}
      title={t`${stale.name} was changed in the meantime`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <Text size="sm">
        {local ? (
          <Trans>
            Someone else has saved another version. Keep your changes and save again, or use theirs.
          </Trans>
        ) : (
          <Trans>Someone else has saved another version. Save again to delete it anyway.</Trans>
        )}
      </Text>
      <Group justify="flex-end" mt="lg" gap="sm">
        {local && (
          <Button variant="default" onClick={takeTheirs}>
            <Trans>Use theirs</Trans>
          </Button>
        )}
        <Button onClick={keepMine}>{local ? <Trans>Keep mine</Trans> : <Trans>Close</Trans>}</Button>
      </Group>
    </Modal>
  );
}
