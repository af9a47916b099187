import { Button, Modal } from "@mantine/core";
import { IconDownload, IconFile, IconPencil, IconReplace, IconTrash, IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import { url } from "@/lib/api/client";
import { useCan } from "@/lib/api/me";
import type { File } from "@/lib/api/model";
import { useDelete, usePatch } from "@/lib/api/resources";
import { download } from "@/lib/download";
import { formatBytes } from "@/lib/format";
import { useTenantID } from "@/lib/tenant";
import { ConfirmDelete } from "@/ui/confirm-delete";
import { FileDrop } from "@/ui/file-drop";
import { NameDialog } from "@/ui/name-dialog";
import { notify } from "@/ui/notify";
import { PageHeader } from "@/ui/page-header";
import { ResourceList, type ListColumn, type RowAction } from "@/ui/resource-list";
import { Time } from "@/ui/time";

/** What is being done to which file. */
type Act = { do: "upload" } | { do: "rename" | "replace" | "delete"; file: File };

const columns: ListColumn<File>[] = [
  { label: "Name", sortBy: "name", render: ({ name }) => name },
  { label: "Type", secondary: true, render: ({ mediaType }) => mediaType.replace(/^application\/vnd\.openxmlformats-officedocument\.spreadsheetml\.sheet$/, "Excel workbook") },
  { label: "Size", align: "right", render: ({ size }) => formatBytes(size) },
  { label: "Description", secondary: true, render: ({ description }) => description },
  { label: "Changed", sortBy: "updatedAt", secondary: true, render: ({ updatedAt }) => <Time value={updatedAt} /> },
];

export function FileList() {
  const can = useCan();
  const tenantID = useTenantID();
  const [act, setAct] = useState<Act | null>(null);
  const close = () => setAct(null);

  const actions = (file: File): RowAction[] => [
    {
      label: "Download",
      icon: <IconDownload size={16} />,
      onClick: () => void download(url("/api/v1/tenants/{tenantID}/files/{fileID}/content", { tenantID, fileID: file.id }), file.fileName).catch(notify.failed),
    },
    ...(can("file:update")
      ? [
          { label: "Rename", icon: <IconPencil size={16} />, onClick: () => setAct({ do: "rename", file }) },
          { label: "Replace content", icon: <IconReplace size={16} />, onClick: () => setAct({ do: "replace", file }) },
        ]
      : []),
    ...(can("file:delete") ? [{ label: "Delete", icon: <IconTrash size={16} />, danger: true, onClick: () => setAct({ do: "delete", file }) }] : []),
  ];
  const create = can("file:create") && (
    <Button leftSection={<IconUpload size={16} />} onClick={() => setAct({ do: "upload" })}>
      Upload file
    </Button>
  );
  return (
    <>
      <PageHeader title="Files" actions={create} />
      <ResourceList
        kind="file"
        noun={["file", "files"]}
        actions={actions}
        columns={columns}
        empty={{ icon: IconFile, title: "No files yet", text: "An uploaded CSV, Excel or JSON file can be queried with SQL.", action: create }}
      />
      <Dialogs act={act} onClose={close} />
    </>
  );
}

function Dialogs({ act, onClose }: { act: Act | null; onClose: () => void }) {
  const rename = usePatch("file");
  const remove = useDelete("file");
  const replaced = act?.do === "replace" ? act.file : null;
  const renamed = act?.do === "rename" ? act.file : null;
  const doomed = act?.do === "delete" ? act.file : null;
  return (
    <>
      <Modal opened={act?.do === "upload" || replaced !== null} onClose={onClose} title={replaced ? `Replace the content of ${replaced.name}` : "Upload file"} closeButtonProps={{ "aria-label": "Close" }}>
        <FileDrop
          {...(replaced ? { replaces: replaced.id } : {})}
          onDone={({ name }) => {
            notify.done(replaced ? `${name} has new content` : `${name} is uploaded`);
            onClose();
          }}
        />
      </Modal>
      <NameDialog
        opened={renamed !== null}
        title="Rename file"
        verb="Rename"
        initialName={renamed?.name ?? ""}
        onClose={onClose}
        onDone={({ name, description }) => (renamed ? rename.mutateAsync({ id: renamed.id, patch: { name, ...(description ? { description } : {}) } }).then(onClose) : Promise.resolve())}
      />
      <ConfirmDelete
        noun="file"
        name={doomed?.name ?? null}
        cascade
        onClose={onClose}
        onDelete={({ cascade }) => (doomed ? remove.mutateAsync({ id: doomed.id, cascade }) : Promise.resolve())}
      />
    </>
  );
}
