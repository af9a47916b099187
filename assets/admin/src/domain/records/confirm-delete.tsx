import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { isApiError, messageOf } from "@/lib/api/errors";
import { ErrorPanel } from "@/ui/feedback/error-panel";

interface ConfirmDeleteProps {
  /** What kind of record, for the default title: "datasource". */
  noun?: string;
  /** Its name; null keeps the dialog closed. */
  name: string | null;
  onClose: () => void;
  /** Deletes; a promise that rejects shows the error here. */
  onDelete: (options: { cascade: boolean }) => Promise<unknown>;
  /** Whether what uses it may be deleted with it. */
  cascade?: boolean;
  /** Replaces the sentence that the record will be deleted. */
  consequence?: React.ReactNode;
  /** Replace "Delete …?" and "Delete". */
  title?: string;
  verb?: string;
}

/** Confirms a deletion by name; shows what still uses the record. */
export function ConfirmDelete({
  noun = "",
  name,
  onClose,
  onDelete,
  cascade = false,
  consequence,
  title = t`Delete ${noun}?`,
  verb = t`Delete`,
}: ConfirmDeleteProps) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [alsoUsers, setAlsoUsers] = useState(false);
  const conflict = isApiError(error, "CONFLICT") ? error : null;

  const close = () => {
    setError(null);
    setAlsoUsers(false);
    onClose();
  };
  const run = async () => {
    setBusy(true);
    setError(null);
    await onDelete({ cascade: alsoUsers }).then(close, setError);
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
        {conflict && (
          <Stack gap="sm">
            <Text c="var(--mantine-color-error)" role="alert">
              {messageOf(conflict)}
            </Text>
            {cascade && (
              <Checkbox
                checked={alsoUsers}
                onChange={(event) => setAlsoUsers(event.currentTarget.checked)}
                label={t`Also delete everything that uses it`}
              />
            )}
          </Stack>
        )}
        {Boolean(error) && !conflict && <ErrorPanel error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            <Trans>Cancel</Trans>
          </Button>
          <Button
            color="red"
            loading={busy}
            disabled={conflict !== null && !(cascade && alsoUsers)}
            onClick={() => void run()}
          >
            {verb}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
