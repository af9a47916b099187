import { t } from "@lingui/core/macro";
import { IconDownload, IconFile, IconListDetails, IconReplace, IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import { useUploadPage } from "@/domain/files/use-incoming";
import { UsedIn } from "@/domain/records/list/used-in";
import type { RecordAction } from "@/domain/records/menu/action-menu";
import { NameDialog } from "@/domain/records/name-dialog";
import { RecordListPage } from "@/domain/records/page/record-list-page";
import type { ListColumn } from "@/domain/records/resource-list";
import { url } from "@/lib/api/client";
import { useCan } from "@/lib/api/me";
import type { File } from "@/lib/api/model";
import { usePatch } from "@/lib/api/resources";
import { formatStorage } from "@/lib/format/format";
import { download } from "@/lib/http/download";
import { useTenantID } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import { Time } from "@/ui/text/time";
import { mediaName } from "@/domain/files/media-name";

/** The action in progress and its file. */
type Act = { do: "rename"; file: File };

const columns: ListColumn<File>[] = [
  { label: t`Name`, sortBy: "name", render: ({ name }) => name },
  { label: t`Type`, secondary: true, render: ({ mediaType }) => mediaName(mediaType) },
  { label: t`Size`, align: "right", render: ({ size }) => formatStorage(size) },
  { label: t`Used in`, secondary: true, render: ({ id }) => <UsedIn kind="file" id={id} /> },
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
  const { pick, pickReplacement } = useUploadPage();
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
  ];
  return (
    <RecordListPage
      kind="file"
      columns={columns}
      create={{ label: t`Upload files`, icon: IconUpload, onClick: pick }}
      empty={{
        icon: IconFile,
        title: t`No files yet`,
        text: t`Drop CSV, Excel or JSON files anywhere in the app, and query them with SQL.`,
      }}
      own={own}
    >
      <Dialogs act={act} onClose={() => setAct(null)} />
    </RecordListPage>
  );
}

function Dialogs({ act, onClose }: { act: Act | null; onClose: () => void }) {
  const rename = usePatch("file");
  const renamed = act?.do === "rename" ? act.file : null;
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
    </>
  );
}
