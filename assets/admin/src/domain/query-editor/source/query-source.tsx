import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Skeleton, Tabs, Text } from "@mantine/core";
import { IconArrowsLeftRight } from "@tabler/icons-react";
import { useMemo } from "react";
import { RecordLink } from "@/domain/records/record-name";
import { ResourceSelect } from "@/domain/records/resource-select";
import { languageOf } from "@/domain/schema-form/code-fields";
import { SchemaForm } from "@/domain/schema-form/schema-form";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { isApiError } from "@/lib/api/errors";
import { useMayTry } from "@/lib/api/me";
import type { DataQueryDraft, Datasource, DatasourceType } from "@/lib/api/model";
import { useDatasourceSchema } from "@/lib/api/subjects/datasources";
import { fieldErrors, type FieldErrors } from "@/lib/schema/paths";
import { labelOf, onlyCode, type Field } from "@/lib/schema/schema-fields";
import { CodeEditor } from "@/ui/code-editor/code-editor";
import type { EditorControls } from "@/ui/code-editor/editor";
import { prose } from "@/ui/text/prose";
import classes from "../data-queries.module.css";
import { initialOptions, speaksSql, sqlOf } from "../draft";
import type { Comparison } from "../results/comparison";
import { diagnosticsOf, scriptDiagnostics, withPlace } from "../results/error-place";
import type { Runner } from "../run";
import { quoteOf } from "@/lib/sql/quote";
import { completeColumns, completeParameters, sqlNames } from "./completion";

interface QuerySourceProps {
  draft: DataQueryDraft;
  set: (change: Partial<DataQueryDraft>) => void;
  errors: FieldErrors;
  type: DatasourceType;
  runner: Runner;
  readOnly: boolean;
  editor: React.RefObject<EditorControls | null>;
  comparison: Comparison;
}

/** Edits the query, its datasource and its transformer. */
export function QuerySource(props: QuerySourceProps) {
  const { draft, set, errors, type, readOnly } = props;
  const types = useDatasourceTypes().data;

  const choose = (id: string | null, datasource?: Datasource) => {
    const next = types?.find((candidate) => candidate.type === datasource?.type);
    if (!id || id === draft.datasourceID || !next) return;
    const keeps = next.type === type.type || (speaksSql(next) && speaksSql(type));
    set({ datasourceID: id, ...(keeps ? {} : { options: initialOptions(next) }) });
  };
  return (
    <Tabs defaultValue="query" className={classes.fill}>
      <Group gap={0} wrap="nowrap" align="center" className={classes.tabs}>
        <Tabs.List flex={1}>
          <Tabs.Tab value="query">
            <Trans>Query</Trans>
          </Tabs.Tab>
          {(!readOnly || draft.transformer) && (
            <Tabs.Tab value="transformer">
              <Trans>Transformer</Trans>
              {draft.transformer ? " •" : ""}
            </Tabs.Tab>
          )}
        </Tabs.List>
        {readOnly ? (
          <Text size="sm" px="sm" truncate>
            <RecordLink kind="datasource" id={draft.datasourceID} />
          </Text>
        ) : (
          <ResourceSelect
            kind="datasource"
            size="xs"
            aria-label={t`Datasource`}
            value={draft.datasourceID}
            onChange={choose}
            error={errors["datasourceID"]}
            className={classes.datasource}
          />
        )}
      </Group>
      <Tabs.Panel value="query" className={classes.panel}>
        <Question {...props} />
      </Tabs.Panel>
      <Tabs.Panel value="transformer" className={classes.panel}>
        <Transformer {...props} />
      </Tabs.Panel>
    </Tabs>
  );
}

function Question(props: QuerySourceProps) {
  const { draft, set, errors, type, runner, readOnly } = props;
  const complete = useMemo(() => completeParameters(draft.parameters), [draft.parameters]);
  if (speaksSql(type)) return <Sql {...props} />;
  // The placeholder of a type that is unknown or not loaded yet.
  if (type.type === "") return <Skeleton h={120} m="md" />;
  const code = onlyCode(type.queryOptionsSchema);
  if (code) return <Code {...props} field={code} />;
  const refused = isApiError(runner.error) ? fieldErrors(runner.error.details) : {};
  return (
    <div className={classes.form}>
      <SchemaForm
        key={type.type}
        schema={type.queryOptionsSchema}
        path="options"
        value={draft.options}
        errors={{ ...refused, ...errors }}
        readOnly={readOnly}
        complete={complete}
        onChange={(options) => set({ options })}
      />
    </div>
  );
}

function Sql({ draft, set, errors, type, runner, readOnly, editor }: QuerySourceProps) {
  const schema = useDatasourceSchema(draft.datasourceID, { enabled: type.capabilities.schema === true }).data;
  const quote = quoteOf(type);
  const names = useMemo(() => sqlNames(schema, quote), [schema, quote]);
  const complete = useMemo(
    () => [completeParameters(draft.parameters), completeColumns(schema, quote)],
    [draft.parameters, schema, quote],
  );
  const sql = sqlOf(draft);
  const diagnostics = useMemo(
    () => diagnosticsOf(runner.error, runner.sql, sql),
    [runner.error, runner.sql, sql],
  );
  const refused = errors["options.sql"];
  return (
    <div className={classes.codeFill}>
      <CodeEditor
        ariaLabel={t`SQL`}
        language="sql"
        height="100%"
        value={sql}
        onChange={(text) => set({ options: { ...draft.options, sql: text } })}
        readOnly={readOnly}
        names={names}
        complete={complete}
        diagnostics={diagnostics}
        controls={editor}
        placeholder={"select … where created_at >= {{ params.from }}"}
      />
      <FieldError message={refused && withPlace(refused, sql)} />
    </div>
  );
}

/** A query that is nothing but code, such as a script, takes the whole pane. */
function Code({
  draft,
  set,
  errors,
  runner,
  readOnly,
  field: { name, schema },
}: QuerySourceProps & { field: Field }) {
  const given = draft.options[name];
  const code = typeof given === "string" ? given : "";
  const path = `options.${name}`;
  const diagnostics = useMemo(() => scriptDiagnostics(runner.error, path, code), [runner.error, path, code]);
  return (
    <div className={classes.codeFill}>
      {schema.description && (
        <Text size="sm" c="dimmed" p="sm">
          {prose(schema.description)}
        </Text>
      )}
      <CodeEditor
        ariaLabel={labelOf(name, schema)}
        language={languageOf(schema)}
        height="100%"
        value={code}
        onChange={(text) => set({ options: { ...draft.options, [name]: text } })}
        readOnly={readOnly}
        diagnostics={diagnostics}
      />
      <FieldError message={errors[path]} />
    </div>
  );
}

function Transformer({ draft, set, errors, runner, comparison, readOnly }: QuerySourceProps) {
  const mayTry = useMayTry("dataquery");
  const code = draft.transformer ?? "";
  const failed = comparison.error ?? runner.error;
  const diagnostics = useMemo(() => scriptDiagnostics(failed, "transformer", code), [failed, code]);
  const compare = () => {
    runner.setTab("transform");
    void comparison.start();
  };
  return (
    <div className={classes.codeFill}>
      <Group gap="sm" p="sm" wrap="nowrap" justify="space-between" align="flex-start">
        <Text size="sm" c="dimmed">
          <Trans>
            JavaScript with access to <code className={classes.code}>data</code>,{" "}
            <code className={classes.code}>columns</code> and <code className={classes.code}>params</code>.
            The value it returns becomes the result.
          </Trans>
        </Text>
        {mayTry && code.trim() !== "" && (
          <Button
            size="compact-sm"
            variant="default"
            style={{ flex: "none" }}
            leftSection={<IconArrowsLeftRight size={14} />}
            loading={comparison.running}
            onClick={compare}
          >
            <Trans>Compare</Trans>
          </Button>
        )}
      </Group>
      <CodeEditor
        ariaLabel={t`Transformer`}
        language="javascript"
        height="100%"
        value={code}
        onChange={(text) => set({ transformer: text === "" ? null : text })}
        readOnly={readOnly}
        diagnostics={diagnostics}
        placeholder="return data.map((row) => ({ ...row, total: row.price * row.quantity }))"
      />
      <FieldError message={errors["transformer"]} />
    </div>
  );
}

function FieldError({ message }: { message: string | undefined }) {
  if (!message) return null;
  return (
    <Text size="sm" c="var(--mantine-color-error)" role="alert" p="sm">
      {message}
    </Text>
  );
}
