import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, FileButton, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { useState } from "react";
import { isApiError } from "@/lib/api/errors";
import { parseJson } from "@/lib/format/exact-json";
import { isObject } from "@/lib/is-object";
import { fieldErrors } from "@/lib/schema/paths";
import { useTenantID } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { NeededRecords } from "./needed-records";
import { textsOf, useImport, type Chosen, type TransferKind } from "./kinds";

interface ImportDialogProps {
  kind: TransferKind;
  onClose: () => void;
}

/** Creates a record from an exported file: shows what it contains, and asks what to use in its place. */
export function ImportDialog({ kind, onClose }: ImportDialogProps) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={textsOf(kind).title}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      {chosen ? (
        <Import kind={kind} {...chosen} onClose={onClose} />
      ) : (
        <ChooseFile kind={kind} onChosen={setChosen} />
      )}
    </Modal>
  );
}

/** Reads a file as JSON. Throws an error for people. */
async function read(kind: TransferKind, file: File): Promise<object> {
  const content = await file
    .text()
    .then(parseJson)
    .catch(() => null);
  if (!isObject(content)) throw new Error(textsOf(kind).notJson(file.name));
  return content;
}

function ChooseFile({ kind, onChosen }: { kind: TransferKind; onChosen: (chosen: Chosen) => void }) {
  const tenantID = useTenantID();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const look = async (selected: File) => {
    setBusy(true);
    setError(null);
    try {
      const file = await read(kind, selected);
      const summary = await textsOf(kind).preview(tenantID, file);
      onChosen({ file, summary });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        {textsOf(kind).about}
      </Text>
      <Group>
        <FileButton accept="application/json,.json" onChange={(file) => file && void look(file)}>
          {(props) => (
            <Button {...props} loading={busy} leftSection={<IconFileImport size={16} />} data-autofocus>
              <Trans>Select file</Trans>
            </Button>
          )}
        </FileButton>
      </Group>
      {Boolean(error) && <ErrorPanel error={error} title={t`Could not read the file`} />}
    </Stack>
  );
}

function Import({ kind, file, summary, onClose }: Chosen & ImportDialogProps) {
  const create = useImport(kind, file);
  const [name, setName] = useState(summary.name);
  const [targets, setTargets] = useState<Record<string, string>>(() =>
    Object.fromEntries(summary.uses.flatMap(({ id, target }) => (target ? [[id, target] as const] : []))),
  );
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const open = summary.uses.filter(({ id, optional }) => !optional && !targets[id]);
  const errors = isApiError(error) ? fieldErrors(error.details) : {};
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    await create(name.trim(), targets).catch((failure: unknown) => {
      setError(failure);
      setBusy(false);
    });
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <TextInput
          label={t`Name`}
          withAsterisk
          data-autofocus
          maxLength={255}
          value={name}
          error={errors[`file.${kind}.name`]}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {summary.parts.map(({ title, names }) => (
          <Parts key={title} title={title} names={names} />
        ))}
        <NeededRecords uses={summary.uses} targets={targets} onChange={setTargets} />
        {summary.missingVariables.length > 0 && (
          <Text size="sm" c="dimmed">
            <Trans>Variables that this tenant does not have: {summary.missingVariables.join(", ")}.</Trans>
          </Text>
        )}
        {Boolean(error) && <ErrorPanel error={error} title={textsOf(kind).failure} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" loading={busy} disabled={!name.trim() || open.length > 0}>
            <Trans>Import</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The most names that are listed. */
const NAMED = 12;

function Parts({ title, names }: { title: string; names: readonly string[] }) {
  if (names.length === 0) return null;
  const more = names.length - NAMED;
  return (
    <div>
      <Text size="sm" fw={500}>
        {title}
      </Text>
      <Text size="sm" c="dimmed">
        {names.slice(0, NAMED).join(", ")}
        {more > 0 && <> {plural(more, { one: "and # more", other: "and # more" })}</>}
      </Text>
    </div>
  );
}
