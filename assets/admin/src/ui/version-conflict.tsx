import { Button, Group, Modal, SimpleGrid, Stack, Text } from "@mantine/core";
import { JsonView } from "./json-view";

interface VersionConflictProps<T> {
  opened: boolean;
  mine: T;
  theirs: T | undefined;
  /** Drops what was typed here. */
  onTakeTheirs: () => void;
  /** Saves over the newer version. */
  onKeepMine: () => void;
  onClose: () => void;
}

/** Someone saved in between: shows both versions and asks which stays. */
export function VersionConflict<T>({ opened, mine, theirs, onTakeTheirs, onKeepMine, onClose }: VersionConflictProps<T>) {
  return (
    <Modal opened={opened} onClose={onClose} size="xl" title="Someone else saved this in the meantime" closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="lg">
        <SimpleGrid cols={{ base: 1, sm: 2 }} mah="50vh" style={{ overflow: "auto" }}>
          <Stack gap="xs">
            <Text fw={500}>Yours</Text>
            <JsonView value={mine} label="Your version" />
          </Stack>
          <Stack gap="xs">
            <Text fw={500}>Theirs, saved</Text>
            <JsonView value={theirs} label="The saved version" />
          </Stack>
        </SimpleGrid>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Go on editing
          </Button>
          <Button variant="default" onClick={onTakeTheirs}>
            Take theirs
          </Button>
          <Button color="red" onClick={onKeepMine}>
            Save mine over it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
