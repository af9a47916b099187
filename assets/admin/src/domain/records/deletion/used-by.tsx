import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Modal, Skeleton, Text } from "@mantine/core";
import type { Base } from "@/lib/api/model";
import { useUses } from "@/lib/api/subjects/trash";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import type { RecordKind } from "../record-kinds";
import { UsesList } from "./uses-list";

interface UsedByProps {
  kind: RecordKind;
  /** Null keeps the dialog closed. */
  record: Pick<Base, "id" | "name"> | null;
  onClose: () => void;
}

/** Shows where a record is used. */
export function UsedBy({ kind, record, onClose }: UsedByProps) {
  return (
    <Modal
      opened={record !== null}
      onClose={onClose}
      title={record && t`Where ${record.name} is used`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      {record && <Users kind={kind} id={record.id} onOpen={onClose} />}
    </Modal>
  );
}

interface UsersProps {
  kind: RecordKind;
  id: string;
  /** Whether to include what uses it through other records. */
  indirect?: boolean;
  onOpen?: () => void;
}

/** Loads and lists the records that use one. */
export function Users({ kind, id, indirect = false, onOpen }: UsersProps) {
  const { data, error, refetch } = useUses(kind, id, { indirect });
  if (error) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton h={80} />;
  if (data.items.length + data.more.length === 0)
    return (
      <Text c="dimmed">
        <Trans>Nothing uses it.</Trans>
      </Text>
    );
  return <UsesList uses={data} {...(onOpen ? { onOpen } : {})} />;
}
