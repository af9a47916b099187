import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, List, Modal, Stack, Text } from "@mantine/core";
import type { LeftOutRecord } from "./restore";

interface LeftOutProps {
  version: number;
  lost: readonly LeftOutRecord[];
  onClose: () => void;
  onConfirm: () => void;
}

/** Asks whether to restore a version without what cannot come back. Open while mounted. */
export function LeftOut({ version, lost, onClose, onConfirm }: LeftOutProps) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={t`Restore version ${version} without some of it?`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <Stack gap="md">
        <Text size="sm">
          <Trans>This version shows what cannot come back. It will be left out:</Trans>
        </Text>
        <List size="sm" spacing="xs">
          {lost.map((one) => (
            <List.Item key={one.id} style={{ overflowWrap: "anywhere" }}>
              <Text span size="sm" fw={600}>
                {nameOf(one)}
              </Text>
              <Text size="sm" c="var(--jet-muted)">
                {whyText(one)}
              </Text>
            </List.Item>
          ))}
        </List>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            <Trans>Cancel</Trans>
          </Button>
          <Button onClick={onConfirm}>
            <Trans>Restore without them</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function nameOf({ kind, name }: LeftOutRecord): string {
  if (kind === "widget") return name ? t`Widget “${name}”` : t`A widget`;
  return name ? t`Query “${name}”` : t`A query`;
}

function whyText({ reason, needs }: LeftOutRecord): string {
  switch (reason) {
    case "gone":
      return t`Deleted for good`;
    case "inTrash":
      return t`In the trash: to keep it, cancel and restore it there first`;
    case "elsewhere":
      return t`Belongs to another dashboard now`;
    default:
      return needs?.name
        ? t`Needs “${needs.name}”, which does not exist any more`
        : t`Needs something that does not exist any more`;
  }
}
