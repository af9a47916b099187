import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, SimpleGrid, Stack, Text } from "@mantine/core";
import { PageNotice } from "@/ui/page/page-notice";
import { JsonView } from "@/ui/text/json-view";

interface VersionConflictProps {
  editor: {
    draft: unknown;
    newer: boolean;
    compare: () => void;
    theirs: unknown;
    takeTheirs: () => void;
    keepMine: () => Promise<unknown>;
    goOn: () => void;
    saving: boolean;
  };
}

/** Shown when someone else has saved: shows both versions and asks which to keep. */
export function VersionConflict({ editor }: VersionConflictProps) {
  const { newer, compare, theirs } = editor;
  return (
    <>
      {newer && !theirs && (
        <PageNotice
          action={
            <Button size="compact-sm" variant="default" onClick={compare}>
              <Trans>Compare</Trans>
            </Button>
          }
        >
          <Trans>A newer version exists. Your changes are kept.</Trans>
        </PageNotice>
      )}
      <Choice editor={editor} />
    </>
  );
}

function Choice({ editor }: VersionConflictProps) {
  const { draft, theirs, takeTheirs, keepMine, goOn, saving } = editor;
  return (
    <Modal
      opened={Boolean(theirs)}
      onClose={goOn}
      size="xl"
      title={t`Someone else has saved changes`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      <Stack gap="lg">
        <SimpleGrid cols={{ base: 1, sm: 2 }} mah="50vh" style={{ overflow: "auto" }}>
          <Stack gap="xs">
            <Text fw={500}>
              <Trans>Your version</Trans>
            </Text>
            <JsonView value={draft} label={t`Your version`} />
          </Stack>
          <Stack gap="xs">
            <Text fw={500}>
              <Trans>Saved version</Trans>
            </Text>
            <JsonView value={theirs} label={t`Saved version`} />
          </Stack>
        </SimpleGrid>
        <Group justify="flex-end">
          <Button variant="default" onClick={goOn}>
            <Trans>Keep editing</Trans>
          </Button>
          <Button variant="default" onClick={takeTheirs}>
            <Trans>Use theirs</Trans>
          </Button>
          <Button color="red" loading={saving} onClick={() => void keepMine()}>
            <Trans>Overwrite</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
