import { t } from "@lingui/core/macro";
import { Modal } from "@mantine/core";
import {
  IconDatabasePlus,
  IconDownload,
  IconFile,
  IconPencil,
  IconReplace,
  IconUpload,
} from "@tabler/icons-react";
import { useState } from "react";
import { FileDrop } from "@/domain/records/file-drop";
import type { RecordAction } from "@/domain/records/menu/action-menu";
import { NameDialog } from "@/domain/records/name-dialog";
import { RecordListPage } from "@/domain/records/page/record-list-page";
import type { ListColumn } from "@/domain/records/resource-list";
import { url } from "@/lib/api/client";
import { useCan } from "@/lib/api/me";
import type { File } from "@/lib/api/model";
import { usePatch } from "@/lib/api/resources";
import { formatBytes } from "@/lib/format/format";
import { download } from "@/lib/http/download";
import { useTenantID, useTenantLink } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import { Time } from "@/ui/text/time";

/** The action in progress and its file. */
type Act = { do: "upload" } | { do: "rename" | "replace"; file: File };

const columns: ListColumn<File>[] = [
  { label: t`Name`, sortBy: "name", render: ({ name }) => name },
  {
    label: t`Type`,
    secondary: true,
    render: ({ mediaType }) =>
      mediaType.replace(
        /^application\/vnd\.openxmlformats-officedocument\.spreadsheetml\.sheet$/,
        t`Excel workbook`,
      ),
  },
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
  const [act, setAct] = useState<Act | null>(null);

  const own = (file: File): RecordAction[] => [
    {
      label: t`Download`,
      icon: <IconDownload size={16} />,
      onClick: () =>
        void download(
          url("/api/v1/tenants/{tenantID}/files/{fileID}/content", { tenantID, fileID: file.id }),
          file.fileName,
        ).catch(notify.failed),
    },
    ...(can("datasource:create")
      ? [
          {
            label: t`Create datasource`,
            icon: <IconDatabasePlus size={16} />,
            to: `${link("datasources", "new", "file")}?file=${file.id}`,
          },
        ]
      : []),
    ...(can("file:update")
      ? [
          { label: t`Rename`, icon: <IconPencil size={16} />, onClick: () => setAct({ do: "rename", file }) },
          {
            label: t`Replace content`,
            icon: <IconReplace size={16} />,
            onClick: () => setAct({ do: "replace", file }),
          },
        ]
      : []),
  ];
  return (
    <RecordListPage
      kind="file"
      columns={columns}
      create={{ label: t`Upload file`, icon: IconUpload, onClick: () => setAct({ do: "upload" }) }}
      empty={{
        icon: IconFile,
        title: t`No files yet`,
        text: t`Upload CSV, Excel or JSON files and query them with SQL.`,
      }}
      own={own}
    >
      <Dialogs act={act} onClose={() => setAct(null)} />
    </RecordListPage>
  );
}

function Dialogs({ act, onClose }: { act: Act | null; onClose: () => void }) {
  const rename = usePatch("file");
  const replaced = act?.do === "replace" ? act.file : null;
  const renamed = act?.do === "rename" ? act.file : null;
  return (
    <>
      <Modal
        opened={act?.do === "upload" || replaced !== null}
        onClose={onClose}
        title={replaced ? t`Replace content of ${replaced.name}` : t`Upload file`}
        closeButtonProps={{ "aria-label": t`Close` }}
      >
        <FileDrop
          {...(replaced ? { replaces: replaced.id } : {})}
          onDone={({ name }) => {
            notify.done(replaced ? t`Replaced content of ${name}` : t`Uploaded ${name}`);
            onClose();
          }}
        />
      </Modal>
      <NameDialog
        opened={renamed !== null}
        title={t`Rename file`}
        verb={t`Rename`}
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
    </>
  );
}
