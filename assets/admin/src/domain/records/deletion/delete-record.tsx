import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { isApiError } from "@/lib/api/errors";
import { useCan } from "@/lib/api/me";
import type { Base } from "@/lib/api/model";
import { useDelete } from "@/lib/api/resources";
import { useRestoreDeleted, useUses } from "@/lib/api/subjects/trash";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { notify } from "@/ui/feedback/notify";
import { recordKinds, type RecordKind } from "../record-kinds";
import { UsesList } from "./uses-list";

type Named = Pick<Base, "id" | "name">;

interface DeleteRecordProps {
  kind: RecordKind;
  /** Null keeps the dialog closed. */
  record: Named | null;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Confirms the deletion of a record; what uses it is deleted with it only after its name was entered. */
export function DeleteRecord({ kind, record, onClose, onDeleted }: DeleteRecordProps) {
  const [noun] = recordKinds[kind].noun;
  return (
    <Modal
      opened={record !== null}
      onClose={onClose}
      title={t`Delete ${noun}?`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      {record && (
        <Question kind={kind} record={record} onClose={onClose} {...(onDeleted ? { onDeleted } : {})} />
      )}
    </Modal>
  );
}

/** Deletes a record and, if it is in the trash then, offers to undo that. */
function useDeletion(kind: RecordKind, { id, name }: Named) {
  const can = useCan();
  const remove = useDelete(kind);
  const restore = useRestoreDeleted();
  const undo = () =>
    restore.mutateAsync(id).then(
      () => notify.done(t`Restored ${name}`),
      (error: unknown) => notify.failed(error, t`Could not restore ${name}`),
    );
  return async (cascade: boolean) => {
    await remove.mutateAsync({ id, ...(cascade ? { cascade } : {}) });
    notify.done(
      t`Deleted ${name}`,
      recordKinds[kind].trash && can(`${kind}:create`)
        ? { label: t`Undo`, run: () => void undo() }
        : undefined,
    );
  };
}

/** Returns the server's reason without its advice for API clients. */
function sentence(message: string): string {
  const reason = message.replace(/: delete them first.*$/, "").replace(/\bdataquery\b/g, "query");
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`;
}

function Question({ kind, record, onClose, onDeleted }: DeleteRecordProps & { record: Named }) {
  const uses = useUses(kind, record.id);
  const remove = useDeletion(kind, record);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [typed, setTyped] = useState("");
  const isUsed = (uses.data?.items.length ?? 0) + (uses.data?.more.length ?? 0) > 0;
  // A server that does not list uses rejects the deletion first.
  const conflict = isApiError(error, "CONFLICT") ? error : null;
  const mayCascade = kind !== "role";
  const cascade = isUsed || conflict !== null;
  const ready =
    uses.isSuccess && !uses.isFetching && (!cascade || (mayCascade && typed.trim() === record.name));

  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    setBusy(true);
    setError(null);
    try {
      await remove(cascade);
      onClose();
      onDeleted?.();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="lg">
        <Consequence kind={kind} name={record.name} />
        {uses.error ? (
          <ErrorPanel error={uses.error} onRetry={() => void uses.refetch()} />
        ) : (
          uses.isPending && <Skeleton h={60} />
        )}
        {uses.data && isUsed && (
          <Stack gap={4}>
            <Text size="sm">
              <Trans>Used by</Trans>
            </Text>
            <UsesList uses={uses.data} onOpen={onClose} />
          </Stack>
        )}
        {conflict && !isUsed && (
          <Text c="var(--mantine-color-error)" role="alert">
            {sentence(conflict.message)}
          </Text>
        )}
        {cascade && mayCascade && (
          <TextInput
            label={t`Enter ${record.name} to delete it with what needs it`}
            description={t`Queries and widgets that need it are deleted, too. Dashboards and workflows only lose it.`}
            value={typed}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        {Boolean(error) && !conflict && <ErrorPanel error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" color="red" loading={busy} disabled={!ready}>
            {cascade && mayCascade ? t`Delete all` : t`Delete`}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Consequence({ kind, name }: { kind: RecordKind; name: string }) {
  if (kind === "variable")
    return (
      <Text>
        <Trans>
          <b>{name}</b> will be kept in the trash for 30 days. Workflows that use it will fail.
        </Trans>
      </Text>
    );
  return (
    <Text>
      {recordKinds[kind].trash ? (
        <Trans>
          <b>{name}</b> will be kept in the trash for 30 days.
        </Trans>
      ) : (
        <Trans>
          <b>{name}</b> will be permanently deleted.
        </Trans>
      )}
    </Text>
  );
}
