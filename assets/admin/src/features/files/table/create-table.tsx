import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Skeleton, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { Link, useLocation } from "react-router";
import { problemText } from "@/domain/files/preview-texts";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { useCan } from "@/lib/api/me";
import type { File, FileTable, JsonObject } from "@/lib/api/model";
import { useFilePreview } from "@/lib/api/subjects/datasources";
import { useWholeList } from "@/lib/api/whole-list";
import { keptReading } from "@/lib/files/kept-reading";
import { isObject } from "@/lib/is-object";
import { initialValue } from "@/lib/schema/schema-fields";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PageHeader } from "@/ui/page/page-header";
import { FilePage } from "../file-page";
import { Done } from "./done";
import { TableForm } from "./form";
import classes from "./table.module.css";

const FILE = "file";

/** Creates a database table from an uploaded file. */
export const CreateTable = () => <FilePage>{(file) => <Page file={file} />}</FilePage>;

function Page({ file }: { file: File }) {
  const link = useTenantLink();
  const [done, setDone] = useState<FileTable | null>(null);
  return (
    <>
      <PageHeader
        title={t`Create table`}
        breadcrumb={[
          { label: t`Files`, to: link("files") },
          { label: file.name, to: link("files", file.id) },
        ]}
      />
      <div className={classes.page}>
        {done ? <Done table={done} /> : <Reading file={file} onDone={setDone} />}
      </div>
    </>
  );
}

/** The options that the file's page has shown, those of the datasource that reads the file, or the usual ones. */
function useReadingOptions(file: File): { options: JsonObject | null; error: unknown } {
  const can = useCan();
  const state: unknown = useLocation().state;
  const given = isObject(state) && isObject(state["options"]) ? (state["options"] as JsonObject) : null;
  const types = useDatasourceTypes();
  const datasources = useWholeList("datasource", { enabled: given === null && can("datasource:list") });
  const reader = datasources.items?.find(
    ({ type, options }) => type === FILE && options?.["fileID"] === file.id,
  );
  if (given) return { options: { ...given, fileID: file.id }, error: null };
  if (reader) return { options: { ...reader.options }, error: null };
  const schema = types.data?.find(({ type }) => type === FILE)?.optionsSchema;
  const isLoading = datasources.isLoading || (datasources.data && !datasources.isWhole && !datasources.error);
  if (!schema || isLoading) return { options: null, error: types.error };
  const usual = initialValue(schema, schema) as JsonObject;
  return { options: { ...usual, ...keptReading(file), fileID: file.id }, error: null };
}

function Reading({ file, onDone }: { file: File; onDone: (table: FileTable) => void }) {
  const can = useCan();
  const link = useTenantLink();
  const { options, error } = useReadingOptions(file);
  const state: unknown = useLocation().state;
  const first = isObject(state) && typeof state["table"] === "string" ? state["table"] : null;
  const { data: preview, error: failed, refetch } = useFilePreview(FILE, options ?? {});
  const failure = error ?? failed ?? (preview?.error ? new Error(problemText(preview.error)) : null);
  if (!can("datasource:test") || !can("datasource:create"))
    return (
      <Text size="sm">
        <Trans>Your role cannot preview files, which is necessary to create a table.</Trans>
      </Text>
    );
  if (failure)
    return (
      <Stack>
        <ErrorPanel
          error={failure}
          title={t`The file cannot be read with these settings`}
          onRetry={() => void refetch()}
        />
        <Anchor component={Link} to={link("files", file.id)} size="sm" style={{ alignSelf: "flex-start" }}>
          <Trans>Correct the settings of the file</Trans>
        </Anchor>
      </Stack>
    );
  if (!options || !preview) return <Skeleton h={360} />;
  return <TableForm file={file} options={options} tables={preview.tables} first={first} onDone={onDone} />;
}
