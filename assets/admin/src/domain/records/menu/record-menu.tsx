import { t } from "@lingui/core/macro";
import { ActionIcon } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useNavigate } from "react-router";
import type { Base } from "@/lib/api/model";
import type { RecordOf } from "@/lib/api/resources";
import { settled } from "@/lib/session/unsaved";
import { useTenantLink } from "@/lib/tenant";
import { recordKinds, type RecordKind } from "../record-kinds";
import { ActionMenu, type RecordAction } from "./action-menu";
import { useRecordActions, type RecordActionOptions } from "./record-actions";

interface RecordMenuProps<K extends RecordKind> extends Omit<RecordActionOptions<K>, "own" | "onDeleted"> {
  kind: K;
  record: RecordOf<K> & Base;
  /** The actions that only this kind has. */
  own?: RecordAction[];
}

/** The menu on a record's page; a deletion leads back to the list. */
export function RecordMenu<K extends RecordKind>({ kind, record, own = [], ...options }: RecordMenuProps<K>) {
  const link = useTenantLink();
  const navigate = useNavigate();
  const { actionsOf, dialogs } = useRecordActions(kind, {
    ...options,
    own: () => own,
    onDeleted: () => void navigate(link(...recordKinds[kind].path), settled),
  });
  return (
    <>
      <ActionMenu actions={actionsOf(record)}>
        <ActionIcon size={32} variant="default" aria-label={t`More actions`}>
          <IconDots size={16} />
        </ActionIcon>
      </ActionMenu>
      {dialogs}
    </>
  );
}
