import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Alert, Button, Menu, Skeleton, Stack } from "@mantine/core";
import { IconCopy, IconDots, IconFileSearch, IconLock, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import { NextStep } from "@/domain/records/next-step";
import { SaveState } from "@/domain/records/save-state";
import { VersionConflict } from "@/domain/records/version-conflict";
import { WhileThere } from "@/domain/records/while-there";
import { SchemaBrowser } from "@/domain/schema-browser/schema-browser";
import { secretPaths } from "@/domain/schema-form/schema-form";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { useEditor } from "@/lib/api/editor";
import { failureOf, isApiError } from "@/lib/api/errors";
import { useCan } from "@/lib/api/me";
import type { Datasource, DatasourceDraft, DatasourceType } from "@/lib/api/model";
import { useClone, useDelete, useOne } from "@/lib/api/resources";
import { useTestDatasource } from "@/lib/api/subjects/datasources";
import { unknownType } from "@/lib/api/unknown-type";
import { secretsToEnterAgain } from "@/lib/schema/destination";
import type { FieldErrors } from "@/lib/schema/paths";
import { quoteOf } from "@/lib/sql/quote";
import { validate } from "@/lib/schema/validate";
import { settled } from "@/lib/session/unsaved";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { notify } from "@/ui/feedback/notify";
import { PageHeader } from "@/ui/page/page-header";
import { NotFound } from "@/ui/page/plain-page";
import { UnsavedGuard } from "@/ui/page/unsaved-guard";
import { useSaveShortcut } from "@/ui/shortcuts/use-save-shortcut";
import { DatasourceFields } from "./datasource-fields";
import classes from "./datasources.module.css";
import { TestResult } from "./test-result";

export function EditDatasource() {
  const { datasourceID } = useParams();
  const datasource = useOne("datasource", datasourceID);
  const types = useDatasourceTypes();
  const error = failureOf(datasource, types);
  if (isApiError(error, "NOT_FOUND")) return <NotFound />;
  if (error)
    return (
      <ErrorPanel
        page
        error={error}
        onRetry={() => void Promise.all([datasource.refetch(), types.refetch()])}
      />
    );
  if (!datasource.data || !types.data) {
    return (
      <Stack p="xl" maw={640}>
        <Skeleton h={28} w={220} />
        <Skeleton h={52} />
        <Skeleton h={52} />
      </Stack>
    );
  }
  const type = types.data.find((candidate) => candidate.type === datasource.data.type);
  return (
    <WhileThere error={datasource.error}>
      <Editor
        key={datasource.data.id}
        datasource={datasource.data}
        type={type ?? unknownType(datasource.data.type)}
      />
    </WhileThere>
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
  const link = useTenantLink();
  const can = useCan();
  const editor = useEditor("datasource", datasource, datasourceDraftOf);
  const test = useTestDatasource();
  const [broken, setBroken] = useState<FieldErrors>({});
  const { base, draft, dirty, saving } = editor;
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
  useSaveShortcut(() => dirty && !saving && void save(), mayUpdate);
  const runTest = async () => {
    if (!dirty || (await save())) test.mutate({ id: base.id });
  };

  return (
    <>
      <PageHeader
        title={draft.name}
        breadcrumb={[{ label: t`Datasources`, to: link("datasources") }]}
        {...(mayUpdate ? { onRename: (name: string) => editor.set({ name }) } : {})}
        state={<SaveState dirty={dirty} saving={saving} savedAt={base.updatedAt} version={base.version} />}
        actions={
          <>
            <MoreMenu datasource={base} />
            {can("datasource:test") && (
              <Button variant="default" loading={test.isPending} onClick={() => void runTest()}>
                {dirty ? t`Save and test` : t`Test`}
              </Button>
            )}
            {mayUpdate && (
              <Button loading={saving} disabled={!dirty} onClick={() => void save()}>
                <Trans>Save</Trans>
              </Button>
            )}
          </>
        }
      />
      <AskIt datasourceID={base.id} />
      <div className={classes.editor} data-single={!type.capabilities.schema || undefined}>
        <Stack className={classes.form} gap="lg">
          <TestResult result={test.data} error={test.error} />
          {Boolean(editor.error) && <ErrorPanel error={editor.error} title={t`Could not save the changes`} />}
          {Object.keys(again).length > 0 && <EnterAgain />}
          <DatasourceFields
            key={base.version}
            named
            type={type}
            draft={draft}
            errors={{ ...editor.errors, ...broken, ...again }}
            secrets={base.secrets}
            disabled={!mayUpdate}
            onChange={editor.set}
          />
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
      <UnsavedGuard dirty={dirty} onSave={mayUpdate ? save : undefined} />
      <VersionConflict editor={editor} />
    </>
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

function AskIt({ datasourceID }: { datasourceID: string }) {
  const link = useTenantLink();
  const can = useCan();
  const write = can("dataquery:create") && (
    <Button size="xs" component={Link} to={`${link("data-queries", "new")}?datasource=${datasourceID}`}>
      <Trans>Write a query</Trans>
    </Button>
  );
  return <NextStep text={t`Datasource created. Next, write a query.`} action={write} />;
}

function MoreMenu({ datasource }: { datasource: Datasource }) {
  const link = useTenantLink();
  const can = useCan();
  const navigate = useNavigate();
  const clone = useClone("datasource");
  const remove = useDelete("datasource");
  const [deleting, setDeleting] = useState(false);
  if (!["dataquery:create", "datasource:clone", "datasource:delete"].some(can)) return null;
  const goTo = (...segments: string[]) => void navigate(link("datasources", ...segments), settled);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon size={32} variant="default" aria-label={t`More actions`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {can("dataquery:create") && (
            <Menu.Item
              component={Link}
              to={`${link("data-queries", "new")}?datasource=${datasource.id}`}
              leftSection={<IconFileSearch size={16} />}
            >
              <Trans>New query</Trans>
            </Menu.Item>
          )}
          {can("datasource:clone") && (
            <Menu.Item
              leftSection={<IconCopy size={16} />}
              onClick={() =>
                clone.mutate(
                  { id: datasource.id },
                  { onSuccess: ({ id }) => goTo(id), onError: (error) => notify.failed(error) },
                )
              }
            >
              <Trans>Clone</Trans>
            </Menu.Item>
          )}
          {can("datasource:delete") && (
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => setDeleting(true)}>
              <Trans>Delete</Trans>
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <ConfirmDelete
        noun={t`datasource`}
        name={deleting ? datasource.name : null}
        cascade
        onClose={() => setDeleting(false)}
        onDelete={async ({ cascade }) => {
          await remove.mutateAsync({ id: datasource.id, cascade });
          goTo();
        }}
      />
    </>
  );
}
