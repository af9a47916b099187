import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { ErrorPanel } from "@/ui/feedback/error-panel";

interface ConfirmDeleteProps {
  /** What kind of record, for the default title: "datasource". */
  noun?: string;
  /** Its name; null keeps the dialog closed. */
  name: string | null;
  onClose: () => void;
  /** Deletes; a promise that rejects shows the error here. */
  onDelete: () => Promise<unknown>;
  /** Replaces the sentence that the record will be deleted. */
  consequence?: React.ReactNode;
  /** Replace "Delete …?" and "Delete". */
  title?: string;
  verb?: string;
}

/** Confirms a deletion by name. */
export function ConfirmDelete({
  noun = "",
  name,
  onClose,
  onDelete,
  consequence,
  title = t`Delete ${noun}?`,
  verb = t`Delete`,
}: ConfirmDeleteProps) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const close = () => {
    setError(null);
    onClose();
  };
  const run = async () => {
    setBusy(true);
    setError(null);
    await onDelete().then(close, setError);
    setBusy(false);
  };

  return (
    <Modal opened={name !== null} onClose={close} title={title} closeButtonProps={{ "aria-label": t`Close` }}>
      <Stack gap="lg">
        <Text>
          {consequence ?? (
            <Trans>
              <b>{name}</b> will be permanently deleted.
            </Trans>
          )}
        </Text>
        {Boolean(error) && <ErrorPanel error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            <Trans>Cancel</Trans>
          </Button>
          <Button color="red" loading={busy} onClick={() => void run()}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
