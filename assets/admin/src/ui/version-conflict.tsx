import { Button, Group, Modal, SimpleGrid, Stack, Text } from "@mantine/core";
import { JsonView } from "./json-view";

interface VersionConflictProps {
  editor: { draft: unknown; theirs: unknown; takeTheirs: () => void; keepMine: () => Promise<unknown>; goOn: () => void; saving: boolean };
}

/** Someone saved in between: shows both versions and asks which stays. */
export function VersionConflict({ editor }: VersionConflictProps) {
  const { draft, theirs, takeTheirs, keepMine, goOn, saving } = editor;
  return (
    <Modal opened={Boolean(theirs)} onClose={goOn} size="xl" title="Someone else saved this in the meantime" closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="lg">
        <SimpleGrid cols={{ base: 1, sm: 2 }} mah="50vh" style={{ overflow: "auto" }}>
          <Stack gap="xs">
            <Text fw={500}>Yours</Text>
            <JsonView value={draft} label="Your version" />
          </Stack>
          <Stack gap="xs">
            <Text fw={500}>Theirs, saved</Text>
            <JsonView value={theirs} label="The saved version" />
          </Stack>
        </SimpleGrid>
        <Group justify="flex-end">
          <Button variant="default" onClick={goOn}>
            Go on editing
          </Button>
          <Button variant="default" onClick={takeTheirs}>
            Take theirs
          </Button>
          <Button color="red" loading={saving} onClick={() => void keepMine()}>
            Save mine over it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
