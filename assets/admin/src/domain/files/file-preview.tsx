import { t } from "@lingui/core/macro";
import { plural } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  Alert,
  Badge,
  Button,
  Group,
  List,
  Loader,
  Select,
  Stack,
  Switch,
  Tabs,
  Text,
  Title,
  Tooltip,
} from "@mantine/core";
import { IconAlertTriangle, IconFileX, IconWand } from "@tabler/icons-react";
import { useState } from "react";
import type {
  DatasourceType,
  FileColumnChoice,
  FileFinding,
  FilePreview as Preview,
  FilePreviewTable,
  JsonObject,
} from "@/lib/api/model";
import { useFilePreview } from "@/lib/api/subjects/datasources";
import { formatNumber } from "@/lib/format/format";
import { choicesOf, resolve } from "@/lib/schema/schema-fields";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { ChangedSettings } from "./changed-settings";
import { PreviewTable } from "./file-preview-table";
import { noteText, optionText, problemText, suggestionText } from "./preview-texts";
import classes from "./file-preview.module.css";

interface FilePreviewProps {
  type: DatasourceType;
  options: JsonObject;
  readOnly: boolean;
  onChange: (options: JsonObject) => void;
  /** The name of the shown table. Without `onTable`, this component keeps it itself. */
  table?: string | null;
  onTable?: (name: string) => void;
}

/** Shows how the file is read with the current options, and suggests better ones. */
export function FilePreview({ type, options, readOnly, onChange, table: given, onTable }: FilePreviewProps) {
  const { data: preview, error, isFetching } = useFilePreview(type.type, options);
  const [own, setOwn] = useState<string | null>(null);
  const chosen = onTable ? given : own;
  const table = preview?.tables.find(({ name }) => name === chosen) ?? preview?.tables[0];
  if (typeof options["fileID"] !== "string" || (readOnly && !preview && !error)) return null;
  const set = (change: JsonObject) => onChange({ ...options, ...change });
  return (
    <section className={classes.panel} data-wide aria-label={t`Preview`} aria-busy={isFetching}>
      <Group justify="space-between" wrap="nowrap">
        <Title order={2} size="h4">
          <Trans>Preview</Trans>
        </Title>
        <Group gap="xs" wrap="nowrap">
          {isFetching && <Loader size="xs" role="status" aria-label={t`Loading preview`} />}
          {preview && (
            <Text size="sm" c="var(--jet-muted)">
              {summaryOf(preview, table)}
            </Text>
          )}
        </Group>
      </Group>
      {error && <ErrorPanel error={error} title={t`Could not preview the file`} />}
      {preview && (
        <>
          {!readOnly && <Controls type={type} preview={preview} options={options} onChange={set} />}
          {preview.error && (
            <Alert
              color="red"
              variant="light"
              icon={<IconFileX size={18} />}
              title={t`The file cannot be read with these settings`}
              role="alert"
            >
              {problemText(preview.error)}
            </Alert>
          )}
          {!readOnly && (
            <ChangedSettings
              type={type}
              options={options}
              besides={new Set([...alwaysShown, ...controlled(preview).map(({ option }) => option)])}
              onChange={set}
            />
          )}
          {!readOnly && preview.suggestions.length > 0 && <Suggestions preview={preview} onChange={set} />}
          <Tables
            tables={preview.tables}
            shown={table}
            onShown={onTable ?? setOwn}
            columns={columnsOf(options)}
            readOnly={readOnly}
            onColumns={(columns) => set({ columns })}
          />
        </>
      )}
    </section>
  );
}

const columnsOf = ({ columns }: JsonObject): FileColumnChoice[] =>
  Array.isArray(columns) ? (columns as FileColumnChoice[]) : [];

/** The options that are selected elsewhere: the file, the names in the first row, and the type above each column. */
const alwaysShown = ["fileID", "header", "columns"];

function summaryOf({ format }: Preview, table: FilePreviewTable | undefined): string {
  const rows = table?.totalRows ?? 0;
  const shown = formatNumber(rows);
  const name = { auto: "CSV", csv: "CSV", tsv: "TSV", xlsx: t`Excel`, json: "JSON", jsonl: t`JSON Lines` }[
    format
  ];
  return `${name} · ${plural(rows, { one: `${shown} row`, other: `${shown} rows` })}`;
}

interface ControlsProps extends Pick<FilePreviewProps, "type" | "options" | "onChange"> {
  preview: Preview;
}

/** Returns what was detected and has a control. Sheets are selected where they are shown. */
function controlled({ format, findings }: Preview): FileFinding[] {
  const isText = format === "csv" || format === "tsv";
  return findings.filter(
    ({ option, alternatives }) =>
      option !== "sheet" &&
      (option !== "path" || alternatives.length > 0) &&
      (option !== "quote" || isText) &&
      (option !== "delimiter" || format === "csv"),
  );
}

/** Shows what was detected, with controls to correct it. */
function Controls({ type, preview, options, onChange }: ControlsProps) {
  const { format } = preview;
  const isText = format === "csv" || format === "tsv";
  const labels: Record<string, string> = {
    encoding: t`Encoding`,
    delimiter: t`Delimiter`,
    quote: t`Quote character`,
    path: t`Path to the rows`,
  };
  const shown = controlled(preview);
  if (shown.length === 0 && !isText && format !== "xlsx") return null;
  return (
    <div className={classes.controls}>
      {shown.map((finding) => (
        <FindingSelect
          key={finding.option}
          label={labels[finding.option] ?? finding.option}
          finding={finding}
          type={type}
          value={options[finding.option]}
          onChange={(value) => onChange({ [finding.option]: value })}
        />
      ))}
      {(isText || format === "xlsx") && (
        <Switch
          mb={6}
          label={t`First row is a header`}
          checked={options["header"] !== false}
          onChange={(event) => onChange({ header: event.currentTarget.checked })}
        />
      )}
    </div>
  );
}

interface FindingSelectProps {
  label: string;
  finding: FileFinding;
  type: DatasourceType;
  value: unknown;
  onChange: (value: string | null) => void;
}

function FindingSelect({ label, finding, type, value, onChange }: FindingSelectProps) {
  const { option, value: found, confidence, alternatives } = finding;
  const property = type.optionsSchema.properties?.[option];
  const known =
    (property && choicesOf(resolve(property, type.optionsSchema).schema)) ??
    [found, ...alternatives].map((name) => ({ value: name, label: name }));
  const labelled = (name: string) =>
    optionText(option, known.find((choice) => choice.value === name)?.label ?? name);
  const shown = labelled(found);
  const automatic = confidence === "chosen" ? t`Detect` : t`${shown} (detected)`;
  const choices = known
    .filter((choice) => choice.value !== "auto")
    .map((choice) => ({ value: String(choice.value), label: optionText(option, choice.label) }));
  const doubt = {
    unsure: t`Best guess. Check that it is correct.`,
    likely: t`Other options are possible.`,
    certain: null,
    chosen: null,
  }[confidence];
  return (
    <Select
      size="xs"
      label={label}
      searchable={choices.length > 8}
      data={[{ value: "auto", label: automatic }, ...choices]}
      value={typeof value === "string" && value !== "" ? value : "auto"}
      onChange={(next) =>
        onChange(next === "auto" ? (property?.default === undefined ? null : "auto") : next)
      }
      rightSection={
        doubt ? (
          <Tooltip label={doubt}>
            <IconAlertTriangle size={14} color="var(--mantine-color-yellow-7)" aria-label={doubt} />
          </Tooltip>
        ) : undefined
      }
    />
  );
}

function Suggestions({ preview, onChange }: { preview: Preview; onChange: (change: JsonObject) => void }) {
  return (
    <Stack gap={6}>
      <Text size="sm" fw={500}>
        <Trans>Suggestions</Trans>
      </Text>
      <Group gap="xs">
        {preview.suggestions.slice(0, 8).map(({ message, options }) => (
          <Button
            key={message}
            size="compact-sm"
            variant="light"
            leftSection={<IconWand size={14} />}
            classNames={{
              root: classes.suggestion ?? "",
              inner: classes.suggestionText ?? "",
              label: classes.suggestionText ?? "",
            }}
            onClick={() => onChange(options)}
          >
            {suggestionText(message)}
          </Button>
        ))}
      </Group>
    </Stack>
  );
}

interface TablesProps {
  tables: readonly FilePreviewTable[];
  shown: FilePreviewTable | undefined;
  onShown: (name: string) => void;
  columns: FileColumnChoice[];
  readOnly: boolean;
  onColumns: (columns: FileColumnChoice[]) => void;
}

function Tables({ tables, shown: table, onShown, columns, readOnly, onColumns }: TablesProps) {
  if (!table) return null;
  return (
    <Stack gap="sm" miw={0}>
      {tables.length > 1 && (
        <Tabs value={table.name} onChange={(name) => name !== null && onShown(name)}>
          <Tabs.List aria-label={t`Sheets`}>
            {tables.map(({ name, sheet, hidden }) => (
              <Tabs.Tab
                key={name}
                value={name}
                rightSection={
                  hidden ? <Badge size="xs" variant="light" color="gray">{t`hidden`}</Badge> : undefined
                }
              >
                {sheet ?? name}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Tabs>
      )}
      <Warnings table={table} />
      <PreviewTable table={table} columns={columns} readOnly={readOnly} onColumns={onColumns} />
    </Stack>
  );
}

/** Warnings about the table and its columns. */
function Warnings({ table }: { table: FilePreviewTable }) {
  const notes = [
    ...table.warnings.map(noteText),
    ...table.columns.flatMap(({ name, note }) => (note ? [`${name}: ${noteText(note)}`] : [])),
  ];
  if (notes.length === 0) return null;
  return (
    <Alert color="yellow" variant="light" icon={<IconAlertTriangle size={18} />} p="sm">
      <List
        size="sm"
        spacing={2}
        listStyleType={notes.length > 1 ? "disc" : "none"}
        styles={{ item: { overflowWrap: "anywhere" } }}
      >
        {notes.slice(0, 8).map((note) => (
          <List.Item key={note}>{note}</List.Item>
        ))}
      </List>
    </Alert>
  );
}
