import { Group, Skeleton, Tabs, Text } from "@mantine/core";
import { useMemo } from "react";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { useDatasourceSchema } from "@/lib/api/datasources";
import type { DataQueryDraft, Datasource, DatasourceType } from "@/lib/api/model";
import type { FieldErrors } from "@/lib/paths";
import { CodeEditor } from "@/ui/code-editor/code-editor";
import type { EditorControls } from "@/ui/code-editor/editor";
import { ResourceSelect } from "@/ui/resource-select";
import { SchemaForm } from "@/ui/schema-form/schema-form";
import { completeParameters, sqlTables } from "./completion";
import classes from "./data-queries.module.css";
import { initialOptions, speaksSql, sqlOf } from "./draft";
import { diagnosticsOf } from "./error-place";
import type { Runner } from "./run";

interface QuerySourceProps {
  draft: DataQueryDraft;
  set: (change: Partial<DataQueryDraft>) => void;
  errors: FieldErrors;
  type: DatasourceType;
  runner: Runner;
  readOnly: boolean;
  editor: React.RefObject<EditorControls | null>;
}

/** What is asked, of which datasource, and what is made of the answer. */
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
          <Tabs.Tab value="query">Query</Tabs.Tab>
          <Tabs.Tab value="transformer">Transformer{draft.transformer ? " •" : ""}</Tabs.Tab>
        </Tabs.List>
        <ResourceSelect kind="datasource" size="xs" aria-label="Datasource" value={draft.datasourceID} onChange={choose} error={errors["datasourceID"]} disabled={readOnly} allowDeselect={false} className={classes.datasource} />
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
  const { draft, set, errors, type, readOnly } = props;
  if (speaksSql(type)) return <Sql {...props} />;
  if (!["properties", "oneOf", "$ref"].some((key) => key in type.queryOptionsSchema)) return <Skeleton h={120} m="md" />;
  return (
    <div className={classes.form}>
      <SchemaForm key={type.type} schema={type.queryOptionsSchema} path="options" value={draft.options} errors={errors} disabled={readOnly} onChange={(options) => set({ options })} />
    </div>
  );
}

function Sql({ draft, set, errors, type, runner, readOnly, editor }: QuerySourceProps) {
  const schema = useDatasourceSchema(draft.datasourceID, { enabled: type.capabilities.schema === true });
  const tables = useMemo(() => sqlTables(type.type, schema.data), [type.type, schema.data]);
  const complete = useMemo(() => completeParameters(draft.parameters), [draft.parameters]);
  const sql = sqlOf(draft);
  const diagnostics = useMemo(() => diagnosticsOf(runner.error, runner.sql, sql), [runner.error, runner.sql, sql]);
  return (
    <div className={classes.codeFill}>
      <CodeEditor
        ariaLabel="SQL"
        language="sql"
        height="100%"
        value={sql}
        onChange={(text) => set({ options: { ...draft.options, sql: text } })}
        readOnly={readOnly}
        tables={tables}
        complete={complete}
        diagnostics={diagnostics}
        controls={editor}
        placeholder="select … where created_at >= {{ params.from }}"
      />
      {errors["options.sql"] && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert" p="sm">
          {errors["options.sql"]}
        </Text>
      )}
    </div>
  );
}

function Transformer({ draft, set, errors, readOnly }: QuerySourceProps) {
  return (
    <div className={classes.codeFill}>
      <Text size="sm" c="dimmed" p="sm">
        JavaScript over <code className={classes.code}>data</code>, <code className={classes.code}>columns</code> and <code className={classes.code}>params</code>. What it returns becomes the result; run the query to see it.
      </Text>
      <CodeEditor
        ariaLabel="Transformer"
        language="javascript"
        height="100%"
        value={draft.transformer ?? ""}
        onChange={(text) => set({ transformer: text === "" ? null : text })}
        readOnly={readOnly}
        placeholder="return data.map((row) => ({ ...row, total: row.price * row.quantity }))"
      />
      {errors["transformer"] && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert" p="sm">
          {errors["transformer"]}
        </Text>
      )}
    </div>
  );
}
