import { t } from "@lingui/core/macro";
import { IconCopy, IconHistory, IconSitemap, IconTag, IconTrash } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useNavigate } from "react-router";
import type { Base } from "@/lib/api/model";
import { useClone, type RecordOf } from "@/lib/api/resources";
import { settled } from "@/lib/session/unsaved";
import { notify } from "@/ui/feedback/notify";
import { historyKinds, type HistoryKind } from "../compare/content";
import { DeleteRecord } from "../deletion/delete-record";
import { UsedBy } from "../deletion/used-by";
import { useCanFor } from "../on-dashboard";
import { useRecordLink, type RecordKind } from "../record-kinds";
import { hasTags } from "../tags/tags";
import { TagsDialog } from "../tags/tags-dialog";
import type { RecordAction } from "./action-menu";

const History = lazy(async () => ({ default: (await import("../history/history")).History }));

type Clonable = "datasource" | "dataquery" | "widget" | "dashboard" | "workflow";
const clonable = new Set<RecordKind>(["datasource", "dataquery", "widget", "dashboard", "workflow"]);
const hasHistory = (kind: RecordKind): kind is HistoryKind => kind in historyKinds;

export interface RecordActionOptions<K extends RecordKind> {
  /** The actions that only this kind has; they come first. */
  own?: (record: RecordOf<K>) => RecordAction[];
  /** Opens a clone; by default its page. */
  onCloned?: (id: string) => void;
  /** Leaves the page of a deleted record. */
  onDeleted?: () => void;
}

/** What can be done with every record of a kind, and the dialogs of these actions. */
export function useRecordActions<K extends RecordKind>(
  kind: K,
  { own, onCloned, onDeleted }: RecordActionOptions<K> = {},
): { actionsOf: (record: RecordOf<K> & Base) => RecordAction[]; dialogs: React.ReactNode } {
  const canFor = useCanFor(kind);
  const navigate = useNavigate();
  const linkTo = useRecordLink();
  const clone = useClone(kind as Clonable);
  const [open, setOpen] = useState<{ dialog: "history" | "uses" | "delete" | "tags"; record: Base } | null>(
    null,
  );
  const close = () => setOpen(null);
  const of = (dialog: "uses" | "delete") => (open?.dialog === dialog ? open.record : null);
  const openClone = onCloned ?? ((id: string) => void navigate(linkTo(kind, id), settled));

  const actionsOf = (record: RecordOf<K> & Base): RecordAction[] => {
    const opening = (dialog: "history" | "uses" | "delete" | "tags") => () => setOpen({ dialog, record });
    const can = canFor(record);
    const builtIn = "builtIn" in record && record.builtIn;
    const offers: [offered: boolean, action: RecordAction][] = [
      [
        hasHistory(kind) && !builtIn && can(`${kind}:read`),
        { label: t`History`, icon: <IconHistory size={16} />, onClick: opening("history") },
      ],
      [
        kind !== "role" && can(`${kind}:read`),
        { label: t`Used by…`, icon: <IconSitemap size={16} />, onClick: opening("uses") },
      ],
      [
        hasTags(kind) && can(`${kind}:update`),
        { label: t`Tags`, icon: <IconTag size={16} />, onClick: opening("tags") },
      ],
      [
        clonable.has(kind) && can(`${kind}:clone`),
        {
          label: t`Clone`,
          icon: <IconCopy size={16} />,
          onClick: () =>
            clone.mutate(
              { id: record.id },
              { onSuccess: ({ id }) => openClone(id), onError: (error) => notify.failed(error) },
            ),
        },
      ],
      [
        !builtIn && can(`${kind}:delete`),
        { label: t`Delete`, icon: <IconTrash size={16} />, danger: true, onClick: opening("delete") },
      ],
    ];
    return [...(own?.(record) ?? []), ...offers.filter(([offered]) => offered).map(([, action]) => action)];
  };
  const dialogs = (
    <>
      {open?.dialog === "history" && hasHistory(kind) && (
        <Suspense>
          <History kind={kind} id={open.record.id} name={open.record.name} onClose={close} />
        </Suspense>
      )}
      {open?.dialog === "tags" && hasTags(kind) && (
        <TagsDialog kind={kind} records={[open.record]} onClose={close} />
      )}
      <UsedBy kind={kind} record={of("uses")} onClose={close} />
      <DeleteRecord kind={kind} record={of("delete")} onClose={close} {...(onDeleted ? { onDeleted } : {})} />
    </>
  );
  return { actionsOf, dialogs };
}
