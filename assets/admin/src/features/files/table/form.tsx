import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Select, Text, Title } from "@mantine/core";
import { useState } from "react";
import { hasApps, isReadOnly } from "@/domain/table-app/writable";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { isApiError } from "@/lib/api/errors";
import { useCan } from "@/lib/api/me";
import type { File, FilePreviewTable, FileTable, JsonObject, SchemaTable } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { useDatasourceSchema } from "@/lib/api/subjects/datasources";
import { fieldErrors } from "@/lib/schema/paths";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { UnsavedGuard } from "@/ui/page/unsaved-guard";
import { Columns } from "./columns";
import { columnName, firstChoices, firstKey, requestOf, type Draft } from "./draft";
import { Target } from "./target";
import { FirstRows } from "./first-rows";
import classes from "./table.module.css";
import { useImport } from "./use-import";

interface TableFormProps {
  file: File;
  /** How the file is read. */
  options: JsonObject;
  tables: readonly FilePreviewTable[];
  /** The name of the table that is selected at first: the one that the file's page showed. */
  first?: string | null;
  onDone: (table: FileTable) => void;
}

/** Removes the ending of a file's name. */
const titleOf = (name: string) => name.replace(/(.)\.[a-z0-9]{1,6}$/i, "$1");

/** Selects the table of the file, then the table of the database. */
export function TableForm({ tables, first = null, ...others }: TableFormProps) {
  const [chosen, setChosen] = useState(first);
  const preview = tables.find(({ name }) => name === chosen) ?? tables[0];
  if (!preview)
    return (
      <Text>
        <Trans>The file has no table.</Trans>
      </Text>
    );
  return (
    <>
      {tables.length > 1 && (
        <Select
          label={t`Table of the file`}
          maw={300}
          data={tables.map(({ name, sheet }) => ({ value: name, label: sheet ?? name }))}
          value={preview.name}
          onChange={setChosen}
        />
      )}
      <Form key={preview.name} preview={preview} {...others} />
    </>
  );
}

function useFirstDraft(file: File, preview: FilePreviewTable): Draft {
  const can = useCan();
  const title = preview.sheet ?? titleOf(file.name);
  return {
    place: can("datasource:create") ? { newDatabase: titleOf(file.name) } : { datasourceID: "" },
    schema: null,
    table: columnName(title),
    append: false,
    columns: firstChoices(preview),
    key: firstKey(preview),
  };
}

interface FormProps extends Omit<TableFormProps, "tables" | "first"> {
  preview: FilePreviewTable;
}

function Form({ file, options, preview, onDone }: FormProps) {
  const first = useFirstDraft(file, preview);
  const [draft, setDraft] = useState(first);
  const { start, cancel, isRunning, error } = useImport(file.id, onDone);
  const place = useChosenPlace(draft);
  const errors = isApiError(error) ? fieldErrors(error.details) : {};
  // Errors of fields that are shown beside them need no panel.
  const isBeside = Object.keys(errors).some((path) => /^(table|newDatabase\.name|columns\[)/.test(path));
  const change = (next: Partial<Draft>) => setDraft((old) => ({ ...old, ...next }));
  const isComplete =
    draft.table.trim() !== "" &&
    ("newDatabase" in draft.place
      ? draft.place.newDatabase.trim() !== ""
      : draft.place.datasourceID !== "") &&
    draft.columns.some(({ name }) => name !== null) &&
    draft.columns.every(({ name }) => name === null || name.trim() !== "") &&
    (!draft.append || place.existing !== null);
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        void start(requestOf(draft, options, preview.name));
      }}
    >
      <Target
        draft={draft}
        first={first}
        tables={place.tables}
        errors={errors}
        disabled={isRunning}
        onChange={change}
      />
      <Columns
        preview={preview}
        columns={draft.columns}
        existing={draft.append ? place.existing : null}
        hasDecimals={place.hasDecimals}
        columnKey={draft.append ? "none" : draft.key}
        errors={errors}
        disabled={isRunning}
        onChange={(columns) => change({ columns })}
      />
      {Boolean(error) && !isBeside && <ErrorPanel error={error} title={t`Could not create the table`} />}
      <div className={classes.submit}>
        <Button type="submit" loading={isRunning} disabled={!isComplete}>
          {draft.append ? t`Append rows` : t`Create table`}
        </Button>
        {isRunning ? (
          <Button variant="default" onClick={cancel}>
            <Trans>Cancel</Trans>
          </Button>
        ) : (
          <Text size="sm" c="var(--jet-muted)">
            <Trans>All rows are written, or none.</Trans>
          </Text>
        )}
      </div>
      <section aria-label={t`Preview`} className={classes.preview}>
        <Title order={2} size="h4">
          <Trans>Preview</Trans>
        </Title>
        <FirstRows preview={preview} columns={draft.columns} />
      </section>
      <UnsavedGuard dirty={isRunning} />
    </form>
  );
}

/** What the chosen database has and can do. */
function useChosenPlace({ place, table, schema }: Draft): {
  tables: readonly SchemaTable[];
  existing: SchemaTable | null;
  hasDecimals: boolean;
} {
  const types = useDatasourceTypes().data;
  const id = "datasourceID" in place && place.datasourceID ? place.datasourceID : undefined;
  const datasource = useOne("datasource", id).data;
  const isUsable = datasource && types && hasApps(datasource, types) && !isReadOnly(datasource, types);
  const found = useDatasourceSchema(id, { enabled: Boolean(isUsable) });
  const tables = (found.data?.items ?? []).filter(({ kind }) => kind === "table");
  const existing = tables.find((one) => one.name === table && (one.schema ?? null) === schema) ?? null;
  // Databases without a server keep decimals as floating-point numbers.
  const hasDecimals = datasource !== undefined && datasource.options?.["path"] === undefined;
  return { tables, existing, hasDecimals };
}
