import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Checkbox, Group, Menu, Text, Tooltip } from "@mantine/core";
import { IconDownload, IconX } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { rowsOf } from "@/domain/widgets/kinds/config";
import type { DataQueryDraft, ExportFormat, QueryColumn, QueryResult } from "@/lib/api/model";
import { exportQuery } from "@/lib/api/subjects/data-queries";
import { withDeclared } from "@/lib/format/columns";
import { formatBytes } from "@/lib/format/format";
import { saveBlob } from "@/lib/http/download";
import { toCsv } from "@/lib/rows/csv";
import { useTenantID } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import classes from "../data-queries.module.css";
import type { Runner } from "../run";

interface ExportMenuProps {
  runner: Runner;
  draft: DataQueryDraft;
  /** The saved query; null before the first save. */
  queryID: string | null;
  /** Whether there are unsaved changes. */
  dirty: boolean;
}

const formats: { format: ExportFormat; label: string }[] = [
  { format: "csv", label: t`CSV` },
  { format: "xlsx", label: t`Excel (XLSX)` },
  { format: "ndjson", label: t`NDJSON (one row per line)` },
];

/** Exports all rows of the saved query, or the rows of the last run. */
export function ExportMenu({ runner, draft, queryID, dirty }: ExportMenuProps) {
  const [labeled, setLabeled] = useState(false);
  const hasLabels = draft.columns.some(({ label }) => Boolean(label));
  const file = draft.name.trim().replace(/[^\w.-]+/g, "-") || "result";
  const saving = useExport({ queryID, runner, file, labeled: labeled && hasLabels });
  const { result } = runner;
  const changesData = runner.effect?.changesData === true;
  if (saving.bytes !== null) return <Progress bytes={saving.bytes} onCancel={saving.cancel} />;
  return (
    <Menu position="bottom-end" width={250}>
      <Menu.Target>
        <ActionIcon aria-label={t`Download`} title={t`Download`}>
          <IconDownload size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{allRowsLabel(queryID !== null, dirty, changesData)}</Menu.Label>
        {queryID &&
          !changesData &&
          formats.map(({ format, label }) => (
            <Menu.Item key={format} onClick={() => void saving.start(format)}>
              {label}
            </Menu.Item>
          ))}
        {result && <Shown result={result} file={file} declared={labeled ? draft.columns : []} />}
        {hasLabels && (
          <>
            <Menu.Divider />
            <Checkbox
              size="xs"
              px="sm"
              py={6}
              label={t`Labels as column headers`}
              checked={labeled}
              onChange={(event) => setLabeled(event.currentTarget.checked)}
            />
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function allRowsLabel(saved: boolean, dirty: boolean, changesData: boolean): string {
  if (changesData) return t`All rows (not of a query that changes data)`;
  if (!saved) return t`All rows (save the query first)`;
  return dirty ? t`All rows (saved version, without your changes)` : t`All rows`;
}

interface ShownProps {
  result: QueryResult;
  file: string;
  /** The columns whose labels become headers. */
  declared: readonly QueryColumn[];
}

function Shown({ result, file, declared }: ShownProps) {
  const csv = () => {
    const { rows, columns } = rowsOf(result);
    const headed = withDeclared(columns, declared).map(({ name, type, label }) => ({
      name,
      type,
      label: label ?? name,
    }));
    saveBlob(new Blob([toCsv(headed, rows)], { type: "text/csv;charset=utf-8" }), `${file}.csv`);
  };
  const json = () =>
    saveBlob(new Blob([JSON.stringify(result.data, null, 2)], { type: "application/json" }), `${file}.json`);
  return (
    <>
      <Menu.Divider />
      <Menu.Label>
        <Trans>Displayed rows</Trans>
      </Menu.Label>
      <Menu.Item onClick={csv}>
        <Trans>As CSV</Trans>
      </Menu.Item>
      <Menu.Item onClick={json}>
        <Trans>As JSON</Trans>
      </Menu.Item>
    </>
  );
}

function Progress({ bytes, onCancel }: { bytes: number; onCancel: () => void }) {
  return (
    <Group gap={4} wrap="nowrap" className={classes.progress}>
      <Text size="xs" className="tabular" style={{ whiteSpace: "nowrap" }}>
        <Trans>Exporting all rows… {formatBytes(bytes)}</Trans>
      </Text>
      <Tooltip label={t`Stop`}>
        <ActionIcon size="sm" aria-label={t`Cancel export`} onClick={onCancel}>
          <IconX size={14} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

interface ExportContext {
  queryID: string | null;
  runner: Runner;
  file: string;
  /** Whether the header row has the labels of the columns. */
  labeled: boolean;
}

/** An export in progress: the number of bytes received, or null. */
function useExport({ queryID, runner, file, labeled }: ExportContext) {
  const tenantID = useTenantID();
  const [bytes, setBytes] = useState<number | null>(null);
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);

  const start = async (format: ExportFormat) => {
    if (!queryID) return;
    const mine = new AbortController();
    controller.current = mine;
    setBytes(0);
    try {
      const options = { format, ...(labeled ? { headers: "labels" as const } : {}) };
      const saved = await exportQuery(tenantID, queryID, runner.parameters, options, {
        fileName: `${file}.${format}`,
        onBytes: setBytes,
        signal: mine.signal,
      });
      if (saved) notify.done(t`Exported ${file}.${format}`);
    } catch (error) {
      if (!mine.signal.aborted) notify.failed(error, t`Export failed`);
    }
    setBytes(null);
  };
  return { bytes, start, cancel: () => controller.current?.abort() };
}
