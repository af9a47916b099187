import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconDownload, IconFileX, IconTable } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { url } from "@/lib/api/client";
import { isApiError } from "@/lib/api/errors";
import { useCan } from "@/lib/api/me";
import type { File, FilePreviewTable } from "@/lib/api/model";
import { useCreate, useList, useOne } from "@/lib/api/resources";
import { useFilePreview } from "@/lib/api/subjects/datasources";
import { formatBytes, formatNumber } from "@/lib/format/format";
import { download } from "@/lib/http/download";
import { useTenantID, useTenantLink } from "@/lib/tenant";
import { DataGrid } from "@/ui/data-grid/data-grid";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { notify } from "@/ui/feedback/notify";
import { PageHeader } from "@/ui/page/page-header";
import { NotFound } from "@/ui/page/plain-page";
import { Time } from "@/ui/text/time";

const FILE = "file";
const ALL_ROWS = "select * from data";

export function ShowFile() {
  const { fileID } = useParams();
  const file = useOne("file", fileID);
  if (isApiError(file.error, "NOT_FOUND")) return <NotFound />;
  if (file.error && !file.data)
    return <ErrorPanel page error={file.error} onRetry={() => void file.refetch()} />;
  if (!file.data) return <Skeleton m="xl" h={240} />;
  return <Page key={file.data.id} file={file.data} />;
}

function Page({ file }: { file: File }) {
  const tenantID = useTenantID();
  const link = useTenantLink();
  const can = useCan();
  const save = () =>
    void download(
      url("/api/v1/tenants/{tenantID}/files/{fileID}/content", { tenantID, fileID: file.id }),
      file.fileName,
    ).catch(notify.failed);
  return (
    <>
      <PageHeader
        title={file.name}
        breadcrumb={[{ label: t`Files`, to: link("files") }]}
        actions={
          <>
            <Button variant="default" leftSection={<IconDownload size={16} />} onClick={save}>
              <Trans>Download</Trans>
            </Button>
            {can("dataquery:create") && can("datasource:list") && <QueryButton file={file} />}
          </>
        }
      />
      <Stack p="xl" gap="lg">
        <Text c="dimmed" size="sm">
          {formatBytes(file.size)} · {file.mediaType} ·{" "}
          <Trans>
            updated <Time value={file.updatedAt} />
          </Trans>
        </Text>
        {file.description && <Text>{file.description}</Text>}
        {can("datasource:test") && can("datasource:create") ? (
          <Preview fileID={file.id} />
        ) : (
          <Text size="sm">
            <Trans>Your role cannot preview files. Download the file to view it.</Trans>
          </Text>
        )}
      </Stack>
    </>
  );
}

/** Opens a new query for the file, with the datasource that already reads it or with a new one. */
function QueryButton({ file }: { file: File }) {
  const can = useCan();
  const link = useTenantLink();
  const navigate = useNavigate();
  const create = useCreate("datasource");
  const [busy, setBusy] = useState(false);
  const readers = useList("datasource", { sort: "-updatedAt", limit: 100 });
  const reader = readers.items?.find(({ type, options }) => type === FILE && options?.["fileID"] === file.id);
  if (readers.isLoading || (!reader && !can("datasource:create"))) return null;
  const open = async () => {
    setBusy(true);
    try {
      const { id } =
        reader ??
        (await create.mutateAsync({
          name: file.name,
          description: "",
          type: FILE,
          options: { fileID: file.id },
          tags: [],
        }));
      void navigate(`${link("data-queries", "new")}?datasource=${id}`, { state: { sql: ALL_ROWS } });
    } catch (error) {
      notify.failed(error, t`Could not query the file`);
      setBusy(false);
    }
  };
  return (
    <Button leftSection={<IconTable size={16} />} loading={busy} onClick={() => void open()}>
      <Trans>Query this file</Trans>
    </Button>
  );
}

function Preview({ fileID }: { fileID: string }) {
  const { data: preview, error } = useFilePreview(FILE, { fileID });
  if (error) return <ErrorPanel error={error} title={t`Could not preview the file`} />;
  if (!preview) return <Skeleton h={240} />;
  return (
    <>
      {preview.error && (
        <Alert
          color="red"
          variant="light"
          icon={<IconFileX size={18} />}
          title={t`The file cannot be read with the default settings`}
        >
          {preview.error}
        </Alert>
      )}
      {preview.tables.map((table) => (
        <FirstRows key={table.name} table={table} />
      ))}
    </>
  );
}

function FirstRows({ table }: { table: FilePreviewTable }) {
  const rows = table.rows.map(({ values }) =>
    Object.fromEntries(table.columns.map(({ name }, at) => [name, values[at]])),
  );
  const [shown, total] = [formatNumber(rows.length), formatNumber(table.totalRows)];
  return (
    <section aria-label={table.name}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          {table.name}
        </Title>
        <Text size="sm" c="dimmed">
          {rows.length < table.totalRows
            ? t`First ${shown} of ${total} rows`
            : plural(table.totalRows, { one: `${total} row`, other: `${total} rows` })}
        </Text>
      </Group>
      <DataGrid
        rows={rows}
        columns={table.columns.map(({ name, type }) => ({ name, type }))}
        label={t`First rows of ${table.name}`}
        height={Math.min(440, 34 + rows.length * 28)}
      />
    </section>
  );
}
