import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Kbd, Modal, Stack, Switch, Table, Text, Title, VisuallyHidden } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { alternativesOf, capsOf } from "./keys";
import { singleKeys, useShortcutGroups, type ShortcutGroup } from "./registry";

/** Lists every shortcut of the current page. Open while mounted. */
export function ShortcutsSheet({ onClose }: { onClose: () => void }) {
  const groups = merged(useShortcutGroups());
  const single = useSyncExternalStore(singleKeys.subscribe, singleKeys.get);
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t`Keyboard shortcuts`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <Stack gap="lg">
        {groups.map(({ title, shortcuts }) => (
          <section key={title} aria-label={title}>
            <Title order={3} mb="xs">
              {title}
            </Title>
            <Table aria-label={title} borderColor="var(--jet-hairline)">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th p={0}>
                    <VisuallyHidden>
                      <Trans>Action</Trans>
                    </VisuallyHidden>
                  </Table.Th>
                  <Table.Th p={0}>
                    <VisuallyHidden>
                      <Trans>Keys</Trans>
                    </VisuallyHidden>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {shortcuts.map(({ keys, label }) => (
                  <Table.Tr key={`${keys} ${label}`}>
                    <Table.Td>{label}</Table.Td>
                    <Table.Td ta="right">
                      <Keys keys={keys} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </section>
        ))}
        <Switch
          label={t`Single-key shortcuts`}
          description={t`Turn off if software types for you, for example dictation.`}
          checked={single}
          onChange={(event) => singleKeys.set(event.currentTarget.checked)}
        />
      </Stack>
    </Modal>
  );
}

/** Shortcuts with the same title are one group. */
function merged(groups: readonly ShortcutGroup[]): ShortcutGroup[] {
  const titles = [...new Set(groups.map(({ title }) => title))];
  return titles.map((title) => ({
    title,
    shortcuts: groups.filter((group) => group.title === title).flatMap(({ shortcuts }) => shortcuts),
  }));
}

/** Shows keys as on a keyboard. */
function Keys({ keys }: { keys: string }) {
  return keys.split(" ").map((combination, index) => (
    <span key={index} style={{ whiteSpace: "nowrap" }}>
      {index > 0 && (
        <Text span size="xs" c="dimmed" mx={6}>
          <Trans>then</Trans>
        </Text>
      )}
      {alternativesOf(combination).map((alternative, at) => (
        <span key={alternative}>
          {at > 0 && " / "}
          {capsOf(alternative).map((cap, place) => (
            <span key={cap}>
              {place > 0 && " + "}
              <Kbd>{cap.length === 1 ? cap.toUpperCase() : cap}</Kbd>
            </span>
          ))}
        </span>
      ))}
    </span>
  ));
}
