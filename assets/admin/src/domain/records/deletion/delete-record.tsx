import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { isApiError } from "@/lib/api/errors";
import { useCan } from "@/lib/api/me";
import type { Base } from "@/lib/api/model";
import { useDelete } from "@/lib/api/resources";
import { useRestoreDeleted, useTrashDays, useUses } from "@/lib/api/subjects/trash";
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

function Question({ kind, record, onClose, onDeleted }: DeleteRecordProps & { record: Named }) {
  const uses = useUses(kind, record.id, { indirect: true });
  const remove = useDeletion(kind, record);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [typed, setTyped] = useState("");
  const users = [...(uses.data?.items ?? []), ...(uses.data?.more ?? [])];
  const isUsed = users.length > 0;
  // A role only loses its start page.
  const isNeeded = users.some((user) => user.kind !== "role");
  const mayCascade = kind !== "role";
  const ready =
    uses.isSuccess && !uses.isFetching && (!isNeeded || (mayCascade && typed.trim() === record.name));

  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    setBusy(true);
    setError(null);
    try {
      await remove(isUsed);
      onClose();
      onDeleted?.();
    } catch (failure) {
      setBusy(false);
      // Something began to use it in the meantime: the list shows what.
      if (isApiError(failure, "CONFLICT")) {
        const { data } = await uses.refetch();
        if (data && data.items.length + data.more.length > 0) return;
      }
      setError(failure);
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
              {isNeeded ? t`Used by` : t`It is the start page of these roles, which will have none then.`}
            </Text>
            <UsesList uses={uses.data} onOpen={onClose} />
          </Stack>
        )}
        {isNeeded && mayCascade && (
          <TextInput
            label={t`Enter ${record.name} to delete it with what needs it`}
            description={
              kind === "file"
                ? t`Datasources, queries and widgets that need it are deleted, too. Dashboards, workflows and roles only lose it.`
                : t`Queries and widgets that need it are deleted, too. Dashboards, workflows and roles only lose it.`
            }
            value={typed}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        {Boolean(error) && <ErrorPanel error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" color="red" loading={busy} disabled={!ready}>
            {isNeeded && mayCascade ? t`Delete all` : t`Delete`}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Consequence({ kind, name }: { kind: RecordKind; name: string }) {
  const days = useTrashDays();
  if (!recordKinds[kind].trash || days === 0)
    return (
      <Text>
        <Trans>
          <b>{name}</b> will be permanently deleted.
        </Trans>
      </Text>
    );
  return (
    <Text>
      {days === undefined ? (
        <Trans>
          <b>{name}</b> will be kept in the trash for some time.
        </Trans>
      ) : (
        <Plural
          value={days}
          one={
            <Trans>
              <b>{name}</b> will be kept in the trash for # day.
            </Trans>
          }
          other={
            <Trans>
              <b>{name}</b> will be kept in the trash for # days.
            </Trans>
          }
        />
      )}
      {kind === "variable" && (
        <>
          {" "}
          <Trans>Workflows that use it will fail.</Trans>
        </>
      )}
    </Text>
  );
}
