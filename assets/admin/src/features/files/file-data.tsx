import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Group, Portal, Skeleton, Tabs, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { FilePreview } from "@/domain/files/file-preview";
import { problemText } from "@/domain/files/preview-texts";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { useMakeAll } from "@/lib/api/make-all";
import { useCan, useMayTry } from "@/lib/api/me";
import type { Datasource, File, JsonObject } from "@/lib/api/model";
import { useFilePreview } from "@/lib/api/subjects/datasources";
import { useWholeList } from "@/lib/api/whole-list";
import { keptReading } from "@/lib/files/kept-reading";
import { isEqual } from "@/lib/schema/merge-patch";
import { initialValue } from "@/lib/schema/schema-fields";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { notify } from "@/ui/feedback/notify";
import { UnsavedGuard } from "@/ui/page/unsaved-guard";
import { FileActions, sourceOf } from "./file-actions";
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
  const reading = useReading(file);
  const makeAll = useMakeAll();
  // Another page or another tab may have created it.
  const findReader = async () => {
    if (!can("datasource:list")) return undefined;
    const pages = (await datasources.refetch()).data?.pages ?? [];
    return pages
      .flatMap(({ items }) => items)
      .find(({ type, options }) => type === FILE && isEqual(options ?? {}, reading.options));
  };
  // Only a datasource keeps how a file is read.
  const save = async () => {
    try {
      if (await findReader()) return true;
      const { name } = await makeAll((make) => make("datasource", sourceOf(file, reading.options)));
      notify.done(t`Created the datasource ${name}`);
      return true;
    } catch (error) {
      notify.failed(error, t`Could not save the settings`);
      return false;
    }
  };
  const isUnknown =
    !reader && (datasources.isLoading || (datasources.data && !datasources.isWhole && !datasources.error));
  return (
    <>
      {isUnknown ? (
        <Skeleton h={240} />
      ) : reader ? (
        <Known file={file} reader={reader} actions={actions} />
      ) : (
        <Unknown file={file} actions={actions} reading={reading} findReader={findReader} />
      )}
      <UnsavedGuard dirty={!reader && reading.isChanged} onSave={save} />
    </>
  );
}

/** How a new datasource would read a file: as detected, with what was changed since the page opened. */
function useReading(file: File) {
  const types = useDatasourceTypes();
  const type = types.data?.find((candidate) => candidate.type === FILE);
  const [guess, setGuess] = useState<JsonObject>({});
  const [kept] = useState<JsonObject>(() => keptReading(file) ?? {});
  const [changes, setChanges] = useState(kept);
  const standard = type
    ? (initialValue(type.optionsSchema, type.optionsSchema) as JsonObject | undefined)
    : {};
  const detected: JsonObject = { ...standard, fileID: file.id, ...guess };
  const options: JsonObject = { ...detected, ...changes };
  return {
    types,
    type,
    options,
    isChanged: !isEqual(options, { ...detected, ...kept }),
    /** Whether an encoding was selected or guessed. */
    hasEncoding: guess["encoding"] !== undefined || changes["encoding"] !== undefined,
    change: (next: JsonObject) => setChanges(withoutNulls(next)),
    guess: setGuess,
  };
}

interface UnknownProps extends FileDataProps {
  reading: ReturnType<typeof useReading>;
  findReader: () => Promise<Datasource | undefined>;
}

/** A file that nothing reads yet: its settings are detected and can be corrected before the datasource is created. */
function Unknown({ file, actions, reading, findReader }: UnknownProps) {
  const { types, type, options, hasEncoding, change, guess } = reading;
  const { data: preview } = useFilePreview(FILE, options);
  const [chosen, setChosen] = useState<string | null>(null);
  const table = preview?.tables.find(({ name }) => name === chosen) ?? preview?.tables[0];
  // Text that is not UTF-8 is shown as it probably is; the encoding is selected above the preview.
  const found = preview?.error ? preview.suggestions.find((one) => "encoding" in one.options) : undefined;
  const encoding = found?.options["encoding"];
  const isToGuess = encoding !== undefined && encoding !== null && !hasEncoding;
  useEffect(() => {
    if (isToGuess) guess({ encoding });
  }, [isToGuess, encoding, guess]);
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
            findReader={findReader}
            table={table?.name}
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
        readOnly={false}
        onChange={change}
        table={table?.name ?? null}
        onTable={setChosen}
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
  const failure = error ?? (preview?.error ? new Error(problemText(preview.error)) : null);
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
          {preview && preview.tables.length > 1 && (
            <Tabs value={table?.name ?? null} onChange={setChosen}>
              <Tabs.List aria-label={t`Sheets`}>
                {preview.tables.map(({ name, sheet }) => (
                  <Tabs.Tab key={name} value={name}>
                    {sheet ?? name}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
            </Tabs>
          )}
          <Text size="sm" c="var(--jet-muted)">
            <Trans>
              The datasource{" "}
              <Anchor component={Link} to={link("datasources", reader.id)} size="sm" underline="always">
                {reader.name}
              </Anchor>{" "}
              reads this file and has the settings for that.
            </Trans>
          </Text>
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
