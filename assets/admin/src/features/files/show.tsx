import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { IconDownload, IconReplace } from "@tabler/icons-react";
import { useState } from "react";
import { useUploadPage } from "@/domain/files/use-incoming";
import { RecordMenu } from "@/domain/records/menu/record-menu";
import { url } from "@/lib/api/client";
import { useCan } from "@/lib/api/me";
import type { File } from "@/lib/api/model";
import { usePatch } from "@/lib/api/resources";
import { formatStorage } from "@/lib/format/format";
import { download } from "@/lib/http/download";
import { useTenantID, useTenantLink } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import { PageHeader } from "@/ui/page/page-header";
import { Time } from "@/ui/text/time";
import { FilePage } from "./file-page";
import { FileData } from "./file-data";
import { FileUsers } from "./file-users";
import classes from "./files.module.css";
import { mediaName } from "@/domain/files/media-name";

export const ShowFile = () => <FilePage>{(file) => <Page file={file} />}</FilePage>;

function Page({ file }: { file: File }) {
  const link = useTenantLink();
  const can = useCan();
  const rename = usePatch("file");
  const [actions, setActions] = useState<HTMLElement | null>(null);
  return (
    <>
      <PageHeader
        title={file.name}
        breadcrumb={[{ label: t`Files`, to: link("files") }]}
        {...(can("file:update")
          ? {
              onRename: (name: string) =>
                rename.mutate({ id: file.id, patch: { name } }, { onError: (error) => notify.failed(error) }),
            }
          : {})}
        actions={
          <>
            <MoreMenu file={file} />
            <div ref={setActions} className={classes.actions} />
          </>
        }
      />
      <div className={classes.page}>
        <Text c="var(--jet-muted)" size="sm">
          {formatStorage(file.size)} · {mediaName(file.mediaType)} ·{" "}
          <Trans>
            updated <Time value={file.updatedAt} />
          </Trans>
          {file.description && ` · ${file.description}`}
        </Text>
        {can("datasource:test") && can("datasource:create") ? (
          <FileData key={file.sha256} file={file} actions={actions} />
        ) : (
          <Text size="sm">
            <Trans>Your role cannot preview files. Download the file to view it.</Trans>
          </Text>
        )}
        <FileUsers fileID={file.id} />
      </div>
    </>
  );
}

function MoreMenu({ file }: { file: File }) {
  const tenantID = useTenantID();
  const can = useCan();
  const { pickReplacement } = useUploadPage();
  const save = () =>
    void download(
      url("/api/v1/tenants/{tenantID}/files/{fileID}/content", { tenantID, fileID: file.id }),
      file.fileName,
    ).catch(notify.failed);
  return (
    <RecordMenu
      kind="file"
      record={file}
      own={[
        { label: t`Download`, icon: <IconDownload size={16} />, onClick: save },
        ...(can("file:update")
          ? [
              {
                label: t`Replace content`,
                icon: <IconReplace size={16} />,
                onClick: () => pickReplacement(file),
              },
            ]
          : []),
      ]}
    />
  );
}
