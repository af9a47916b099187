import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Group, Portal, Skeleton, Tabs, Text } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { FilePreview } from "@/domain/files/file-preview";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { useCan, useMayTry } from "@/lib/api/me";
import type { Datasource, File, JsonObject } from "@/lib/api/model";
import { useFilePreview } from "@/lib/api/subjects/datasources";
import { useWholeList } from "@/lib/api/whole-list";
import { initialValue } from "@/lib/schema/schema-fields";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { FileActions } from "./file-actions";
import { FileRows, FirstRows } from "./file-rows";
import classes from "./files.module.css";

const FILE = "file";

interface FileDataProps {
  file: File;
  /** Where the page's header has room for the actions. */
  actions: HTMLElement | null;
}

/** The data of a file: through the datasource that reads it, else as a new datasource would read it. */
export function FileData({ file, actions }: FileDataProps) {
  const can = useCan();
  const datasources = useWholeList("datasource", { enabled: can("datasource:list") });
  const reader = datasources.items?.find(
    ({ type, options }) => type === FILE && options?.["fileID"] === file.id,
  );
  if (!reader && (datasources.isLoading || (datasources.data && !datasources.isWhole && !datasources.error)))
    return <Skeleton h={240} />;
  return reader ? (
    <Known file={file} reader={reader} actions={actions} />
  ) : (
    <Unknown file={file} actions={actions} />
  );
}

/** A file that nothing reads yet: its settings are detected and can be corrected before the datasource is created. */
function Unknown({ file, actions }: FileDataProps) {
  const types = useDatasourceTypes();
  const type = types.data?.find((candidate) => candidate.type === FILE);
  const [changes, setChanges] = useState<JsonObject>({});
  const standard = type
    ? (initialValue(type.optionsSchema, type.optionsSchema) as JsonObject | undefined)
    : {};
  const options: JsonObject = { ...standard, fileID: file.id, ...changes };
  const { data: preview } = useFilePreview(FILE, options);
  // Text that is not UTF-8 is shown as it probably is; the encoding is selected above the preview.
  const guess = preview?.error ? preview.suggestions.find((one) => "encoding" in one.options) : undefined;
  if (guess && changes["encoding"] === undefined)
    setChanges({ ...changes, encoding: guess.options["encoding"] ?? null });
  if (types.error && !type) return <ErrorPanel error={types.error} onRetry={() => void types.refetch()} />;
  if (!type) return <Skeleton h={240} />;
  return (
    <>
      {actions && (
        <Portal target={actions}>
          <FileActions
            file={file}
            reader={null}
            options={options}
            table={preview?.tables[0]?.name}
            isReadable={preview !== undefined && !preview.error}
          />
        </Portal>
      )}
      <Text size="sm" c="var(--jet-muted)">
        <Trans>These settings are saved with what you create from the file.</Trans>
      </Text>
      <FilePreview
        type={type}
        options={options}
        disabled={false}
        onChange={(next) => setChanges(withoutNulls(next))}
      />
    </>
  );
}

/** A change to null clears an option. */
const withoutNulls = (options: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));

/** A file that a datasource reads: all its rows, and how they are read. */
function Known({ file, reader, actions }: FileDataProps & { reader: Datasource }) {
  const link = useTenantLink();
  const mayRead = useMayTry("dataquery");
  const [chosen, setChosen] = useState<string | null>(null);
  const { data: preview, error } = useFilePreview(FILE, reader.options ?? {});
  const failure = error ?? (preview?.error ? new Error(preview.error) : null);
  const table = preview?.tables.find(({ name }) => name === chosen) ?? preview?.tables[0];
  const Rows = mayRead ? FileRows : FirstRows;
  return (
    <>
      {actions && (
        <Portal target={actions}>
          <FileActions file={file} reader={reader} options={{}} table={table?.name} isReadable={!failure} />
        </Portal>
      )}
      <section aria-label={t`Data`} className={classes.data}>
        <Group justify="space-between" mih={36}>
          {preview && preview.tables.length > 1 ? (
            <Tabs value={table?.name ?? null} onChange={setChosen}>
              <Tabs.List aria-label={t`Sheets`}>
                {preview.tables.map(({ name, sheet }) => (
                  <Tabs.Tab key={name} value={name}>
                    {sheet ?? name}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
            </Tabs>
          ) : (
            <Text size="sm" c="var(--jet-muted)">
              <Trans>
                Read by the datasource{" "}
                <Anchor component={Link} to={link("datasources", reader.id)} size="sm" underline="always">
                  {reader.name}
                </Anchor>
              </Trans>
            </Text>
          )}
        </Group>
        {Boolean(failure) && (
          <ErrorPanel error={failure} title={t`The file cannot be read with these settings`} />
        )}
        {!preview && !error && <Skeleton h={240} />}
        {table && <Rows key={`${reader.version} ${table.name}`} datasourceID={reader.id} table={table} />}
      </section>
    </>
  );
}
