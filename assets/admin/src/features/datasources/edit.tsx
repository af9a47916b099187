import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Button, Stack } from "@mantine/core";
import { IconFileSearch, IconLock } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { AppFromTable, useMayCreateApp } from "@/domain/table-app/app-from-table";
import { RecordMenu } from "@/domain/records/menu/record-menu";
import { NextStep } from "@/domain/records/next-step";
import { EditorPage } from "@/domain/records/page/editor-page";
import { RecordPage } from "@/domain/records/page/record-page";
import { SchemaBrowser } from "@/domain/schema-browser/schema-browser";
import { secretPaths } from "@/domain/schema-form/schema-form";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { useEditor } from "@/lib/api/editor";
import { useCan } from "@/lib/api/me";
import type { Datasource, DatasourceDraft, DatasourceType } from "@/lib/api/model";
import { useTestDatasource } from "@/lib/api/subjects/datasources";
import { unknownType } from "@/lib/api/unknown-type";
import { secretsToEnterAgain } from "@/lib/schema/destination";
import type { FieldErrors } from "@/lib/schema/paths";
import { quoteOf } from "@/lib/sql/quote";
import { validate } from "@/lib/schema/validate";
import { useTenantLink } from "@/lib/tenant";
import { DatasourceFields } from "./datasource-fields";
import classes from "./datasources.module.css";
import { TestResult } from "./test-result";

export function EditDatasource() {
  return (
    <RecordPage kind="datasource" id={useParams().datasourceID} needs={useDatasourceTypes()}>
      {(datasource, types) => (
        <Editor
          datasource={datasource}
          type={types.find(({ type }) => type === datasource.type) ?? unknownType(datasource.type)}
        />
      )}
    </RecordPage>
  );
}

const datasourceDraftOf = ({ name, description, type, options, tags }: Datasource): DatasourceDraft => ({
  name,
  description,
  type: type as DatasourceDraft["type"],
  options,
  tags,
});

function Editor({ datasource, type }: { datasource: Datasource; type: DatasourceType }) {
  const can = useCan();
  const editor = useEditor("datasource", datasource, datasourceDraftOf);
  const test = useTestDatasource();
  const [broken, setBroken] = useState<FieldErrors>({});
  const { base, draft, dirty } = editor;
  const mayUpdate = can("datasource:update");
  const again = secretsToEnterAgain(type.optionsSchema, base.options, draft.options, base.secrets);

  const save = async () => {
    const found = validate(
      type.optionsSchema,
      draft.options,
      "options",
      secretPaths(base.secrets, "options"),
    );
    setBroken(found);
    return Object.keys({ ...found, ...again }).length === 0 && editor.save();
  };
  const runTest = async () => {
    if (!dirty || (await save())) test.mutate({ id: base.id });
  };

  return (
    <EditorPage
      kind="datasource"
      editor={editor}
      mayUpdate={mayUpdate}
      onSave={save}
      actions={
        <>
          <DatasourceMenu datasource={base} />
          {can("datasource:test") && (
            <Button variant="default" loading={test.isPending} onClick={() => void runTest()}>
              {dirty ? t`Save and test` : t`Test`}
            </Button>
          )}
        </>
      }
      notice={<AskIt datasourceID={base.id} hasTables={type.capabilities.sql && type.capabilities.schema} />}
    >
      <div className={classes.editor} data-single={!type.capabilities.schema || undefined}>
        <Stack className={classes.form} gap="lg">
          {Object.keys(again).length > 0 && <EnterAgain />}
          <DatasourceFields
            key={base.version}
            named
            type={type}
            draft={draft}
            errors={{ ...editor.errors, ...broken, ...again }}
            secrets={base.secrets}
            readOnly={!mayUpdate}
            onChange={editor.set}
          />
          <TestResult result={test.data} error={test.error} typeName={type.name} />
        </Stack>
        {type.capabilities.schema && (
          <aside className={classes.schema}>
            <SchemaBrowser
              datasourceID={base.id}
              quote={quoteOf(type)}
              previews={type.capabilities.sql === true}
            />
          </aside>
        )}
      </div>
    </EditorPage>
  );
}

function EnterAgain() {
  return (
    <Alert color="yellow" icon={<IconLock size={16} />} title={t`Enter the secrets again`}>
      <Trans>
        Saved secrets are only sent to the destination they were entered for. This change sends them somewhere
        else, so enter each marked secret again or clear it.
      </Trans>
    </Alert>
  );
}

function AskIt({ datasourceID, hasTables }: { datasourceID: string; hasTables: boolean }) {
  const link = useTenantLink();
  const can = useCan();
  const mayCreateApp = useMayCreateApp() && hasTables;
  const write = can("dataquery:create") && (
    <Button
      size="xs"
      variant={mayCreateApp ? "default" : "filled"}
      component={Link}
      to={`${link("data-queries", "new")}?datasource=${datasourceID}`}
    >
      <Trans>Write a query</Trans>
    </Button>
  );
  if (!mayCreateApp) return <NextStep text={t`Datasource created. Next, write a query.`} action={write} />;
  return (
    <NextStep
      text={t`Datasource created. Next, create an app from a table or write a query.`}
      action={
        <>
          <AppFromTable size="xs" datasourceID={datasourceID} />
          {write}
        </>
      }
    />
  );
}

function DatasourceMenu({ datasource }: { datasource: Datasource }) {
  const link = useTenantLink();
  const can = useCan();
  const newQuery = {
    label: t`New query`,
    icon: <IconFileSearch size={16} />,
    to: `${link("data-queries", "new")}?datasource=${datasource.id}`,
  };
  return <RecordMenu kind="datasource" record={datasource} own={can("dataquery:create") ? [newQuery] : []} />;
}
