import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import {
  IconDownload,
  IconFile,
  IconListDetails,
  IconReplace,
  IconTrash,
  IconUpload,
} from "@tabler/icons-react";
import { useState } from "react";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import { useUploadPage } from "@/domain/files/use-incoming";
import { NameDialog } from "@/domain/records/name-dialog";
import { ResourceList, type ListColumn, type RowAction } from "@/domain/records/resource-list";
import { url } from "@/lib/api/client";
import { useCan } from "@/lib/api/me";
import type { File } from "@/lib/api/model";
import { useDelete, usePatch } from "@/lib/api/resources";
import { formatBytes } from "@/lib/format/format";
import { download } from "@/lib/http/download";
import { useTenantID, useTenantLink } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import { PageHeader } from "@/ui/page/page-header";
import { Time } from "@/ui/text/time";
import { mediaName } from "./media-name";

/** The action in progress and its file. */
type Act = { do: "rename" | "delete"; file: File };

const columns: ListColumn<File>[] = [
  { label: t`Name`, sortBy: "name", render: ({ name }) => name },
  { label: t`Type`, secondary: true, render: ({ mediaType }) => mediaName(mediaType) },
  { label: t`Size`, align: "right", render: ({ size }) => formatBytes(size) },
  { label: t`Description`, secondary: true, render: ({ description }) => description },
  {
    label: t`Updated`,
    sortBy: "updatedAt",
    secondary: true,
    render: ({ updatedAt }) => <Time value={updatedAt} />,
  },
];

export function FileList() {
  const can = useCan();
  const tenantID = useTenantID();
  const link = useTenantLink();
  const { pick, pickReplacement } = useUploadPage();
  const [act, setAct] = useState<Act | null>(null);
  const close = () => setAct(null);

  const actions = (file: File): RowAction[] => [
    {
      label: t`Download`,
      icon: <IconDownload size={16} />,
      onClick: () =>
        void download(
          url("/api/v1/tenants/{tenantID}/files/{fileID}/content", { tenantID, fileID: file.id }),
          file.fileName,
        ).catch(notify.failed),
    },
    ...(can("file:update")
      ? [
          {
            label: t`Edit details`,
            icon: <IconListDetails size={16} />,
            onClick: () => setAct({ do: "rename", file }),
          },
          {
            label: t`Replace content`,
            icon: <IconReplace size={16} />,
            onClick: () => pickReplacement(file),
          },
        ]
      : []),
    ...(can("file:delete")
      ? [
          {
            label: t`Delete`,
            icon: <IconTrash size={16} />,
            danger: true,
            onClick: () => setAct({ do: "delete", file }),
          },
        ]
      : []),
  ];
  const create = can("file:create") && (
    <Button leftSection={<IconUpload size={16} />} onClick={pick}>
      <Trans>Upload files</Trans>
    </Button>
  );
  return (
    <>
      <PageHeader title={t`Files`} actions={create} />
      <ResourceList
        kind="file"
        noun={[t`file`, t`files`]}
        actions={actions}
        to={({ id }) => link("files", id)}
        columns={columns}
        empty={{
          icon: IconFile,
          title: t`No files yet`,
          text: t`Drop CSV, Excel or JSON files anywhere in the app, and query them with SQL.`,
          action: create,
        }}
      />
      <Dialogs act={act} onClose={close} />
    </>
  );
}

function Dialogs({ act, onClose }: { act: Act | null; onClose: () => void }) {
  const rename = usePatch("file");
  const remove = useDelete("file");
  const renamed = act?.do === "rename" ? act.file : null;
  const doomed = act?.do === "delete" ? act.file : null;
  return (
    <>
      <NameDialog
        opened={renamed !== null}
        title={t`Edit file`}
        verb={t`Save`}
        initialName={renamed?.name ?? ""}
        onClose={onClose}
        onDone={({ name, description }) =>
          renamed
            ? rename
                .mutateAsync({ id: renamed.id, patch: { name, ...(description ? { description } : {}) } })
                .then(onClose)
            : Promise.resolve()
        }
      />
      <ConfirmDelete
        noun={t`file`}
        name={doomed?.name ?? null}
        cascade
        onClose={onClose}
        onDelete={({ cascade }) =>
          doomed ? remove.mutateAsync({ id: doomed.id, cascade }) : Promise.resolve()
        }
      />
    </>
  );
}
