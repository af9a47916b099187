import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  ActionIcon,
  Button,
  Group,
  Select,
  Skeleton,
  Stack,
  Table,
  Text,
  TextInput,
  Tooltip,
  VisuallyHidden,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import { isRecordKind, recordKinds, type RecordKind } from "@/domain/records/record-kinds";
import { SettingsTabs } from "@/domain/tenants/settings-tabs";
import { useCan } from "@/lib/api/me";
import type { TrashItem } from "@/lib/api/model";
import { useDeleteForGood, useRestoreDeleted, useTrash, useTrashDays } from "@/lib/api/subjects/trash";
import { formatCount } from "@/lib/format/format";
import { EmptyState } from "@/ui/feedback/empty-state";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { notify } from "@/ui/feedback/notify";
import { PageHeader } from "@/ui/page/page-header";
import { Time } from "@/ui/text/time";
import rows from "@/domain/records/resource-list.module.css";
import classes from "./trash.module.css";

const kinds = (Object.keys(recordKinds) as RecordKind[]).filter((kind) => recordKinds[kind].trash);

const nounOf = (kind: string) => (isRecordKind(kind) ? recordKinds[kind].noun[0] : kind);

/** Deleted records, which can be restored until they are removed. */
export function Trash() {
  const [search, setSearch] = useSearchParams();
  const asked = search.get("kind");
  const kind = kinds.find((one) => one === asked) ?? null;
  const [text, setText] = useState("");
  const [q] = useDebouncedValue(text.trim(), 200);
  const trash = useTrash(kind, q);
  const [doomed, setDoomed] = useState<TrashItem | null>(null);
  const remove = useDeleteForGood();
  const days = useTrashDays();
  const isEmpty = trash.items?.length === 0 && kind === null && q === "";
  const choose = (chosen: string | null) => setSearch(chosen ? { kind: chosen } : {}, { replace: true });
  return (
    <>
      <PageHeader title={t`Trash`} />
      <SettingsTabs />
      {trash.error && !trash.items && (
        <ErrorPanel
          page
          error={trash.error}
          title={t`Could not load the trash`}
          onRetry={() => void trash.refetch()}
        />
      )}
      {isEmpty && (
        <EmptyState
          icon={IconTrash}
          title={t`The trash is empty`}
          text={
            days === undefined
              ? t`Deleted records are kept here for some time and can be restored.`
              : plural(days, {
                  0: "This server keeps no deleted records.",
                  one: "Deleted records are kept here for # day and can be restored.",
                  other: "Deleted records are kept here for # days and can be restored.",
                })
          }
        />
      )}
      {!isEmpty && !trash.error && (
        <Stack gap={0}>
          <Group className={rows.toolbar} gap="sm">
            <TextInput
              aria-label={t`Search the trash`}
              placeholder={t`Search the trash`}
              leftSection={<IconSearch size={16} />}
              value={text}
              className={rows.search}
              data-list-search
              onChange={(event) => setText(event.currentTarget.value)}
            />
            <Select
              aria-label={t`Record type`}
              placeholder={t`All record types`}
              clearable
              data={kinds.map((one) => ({ value: one, label: recordKinds[one].plural }))}
              value={kind}
              onChange={choose}
            />
            <Text size="sm" c="dimmed" ml="auto" aria-live="polite" className="tabular">
              {trash.total !== undefined && formatCount(trash.total, t`record`, t`records`)}
            </Text>
          </Group>
          {trash.items ? <Items items={trash.items} onDelete={setDoomed} /> : <Skeleton h={120} m="lg" />}
          {trash.hasNextPage && (
            <Group justify="center" p="md">
              <Button
                variant="default"
                loading={trash.isFetchingNextPage}
                onClick={() => void trash.fetchNextPage()}
              >
                <Trans>Load more</Trans>
              </Button>
            </Group>
          )}
        </Stack>
      )}
      <ConfirmDelete
        name={doomed?.name ?? null}
        title={t`Delete permanently?`}
        verb={t`Delete permanently`}
        consequence={
          <Trans>
            <b>{doomed?.name}</b> will be permanently deleted. This cannot be undone.
          </Trans>
        }
        onClose={() => setDoomed(null)}
        onDelete={async () => {
          if (!doomed) return;
          await remove.mutateAsync(doomed.id);
          notify.done(t`Permanently deleted ${doomed.name}`);
        }}
      />
    </>
  );
}

function Items({ items, onDelete }: { items: TrashItem[]; onDelete: (item: TrashItem) => void }) {
  if (items.length === 0)
    return (
      <Text c="dimmed" ta="center" p="xl">
        <Trans>No results.</Trans>
      </Text>
    );
  return (
    <Table.ScrollContainer
      minWidth={0}
      className={rows.scroll ?? ""}
      scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
    >
      <Table withRowBorders={false} className={rows.table} aria-label={t`Trash`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th className={classes.name}>{t`Name`}</Table.Th>
            <Table.Th className={rows.secondary}>{t`Type`}</Table.Th>
            <Table.Th className={rows.secondary}>{t`Deleted`}</Table.Th>
            <Table.Th>{t`Removed`}</Table.Th>
            <Table.Th>
              <VisuallyHidden>{t`Actions`}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item) => (
            <Row key={item.id} item={item} onDelete={() => onDelete(item)} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Row({ item, onDelete }: { item: TrashItem; onDelete: () => void }) {
  const can = useCan();
  const restore = useRestoreDeleted();
  const { id, kind, name, deletedAt, deletedBy, expiresAt, parts } = item;
  // The list is loaded again first, without this row: callbacks of its mutation would not be called any more.
  const run = () =>
    restore.mutateAsync(id).then(
      ({ items }) => {
        const others = items.filter((other) => other.id !== id).map((other) => other.name);
        notify.done(others.length ? t`Restored ${name}, with ${others.join(", ")}` : t`Restored ${name}`);
      },
      (error: unknown) => notify.failed(error, t`Could not restore ${name}`),
    );
  return (
    <Table.Tr>
      <Table.Td className={classes.name}>
        {name}
        {parts > 0 && (
          <Text size="xs" c="var(--jet-muted)">
            {plural(parts, { one: "with # widget or query", other: "with # widgets and queries" })}
          </Text>
        )}
      </Table.Td>
      <Table.Td className={rows.secondary}>{nounOf(kind)}</Table.Td>
      <Table.Td className={rows.secondary}>
        <Time value={deletedAt} /> {deletedBy && t`by ${deletedBy}`}
      </Table.Td>
      <Table.Td>
        <Time value={expiresAt} />
      </Table.Td>
      <Table.Td>
        <Group gap="xs" className={classes.actions ?? ""}>
          {can(`${kind}:create`) && (
            <Button
              size="compact-sm"
              variant="default"
              loading={restore.isPending}
              aria-label={t`Restore ${name}`}
              onClick={() => void run()}
            >
              <Trans>Restore</Trans>
            </Button>
          )}
          {can(`${kind}:delete`) && (
            <Tooltip label={t`Delete permanently`}>
              <ActionIcon color="red" aria-label={t`Delete permanently: ${name}`} onClick={onDelete}>
                <IconTrash size={16} />
              </ActionIcon>
            </Tooltip>
          )}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
