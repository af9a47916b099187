import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { isApiError, messageOf } from "@/lib/api/errors";
import { fieldErrors } from "@/lib/schema/paths";
import { ErrorPanel } from "@/ui/feedback/error-panel";

interface NameDialogProps {
  opened: boolean;
  title: string;
  /** The button's label. */
  verb: string;
  initialName?: string;
  onClose: () => void;
  /** Creates the record; a rejection is shown here. */
  onDone: (named: { name: string; description: string }) => Promise<unknown>;
}

/** Asks for the name of a new record. */
export function NameDialog({ opened, title, onClose, ...form }: NameDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} closeButtonProps={{ "aria-label": t`Close` }}>
      <NameForm {...form} onClose={onClose} />
    </Modal>
  );
}

function NameForm({ verb, initialName = "", onClose, onDone }: Omit<NameDialogProps, "opened" | "title">) {
  const [name, setName] = useState(initialName);
  const [description, setDescription] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const fields = isApiError(error) ? fieldErrors(error.details) : {};
  const nameError = fields["name"] ?? (isApiError(error, "CONFLICT") ? messageOf(error) : undefined);

  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    await onDone({ name: name.trim(), description: description.trim() }).catch(setError);
    setBusy(false);
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <TextInput
          label={t`Name`}
          data-autofocus
          withAsterisk
          maxLength={255}
          value={name}
          error={nameError}
          // A proposed name is replaced by what is typed.
          onFocus={(event) => name === initialName && event.currentTarget.select()}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label={t`Description`}
          autosize
          minRows={2}
          maxRows={6}
          value={description}
          error={fields["description"]}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        {Boolean(error) && !nameError && <ErrorPanel error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" loading={busy} disabled={!name.trim()}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
