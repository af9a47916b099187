import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { justMade } from "@/domain/records/next-step";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { isApiError } from "@/lib/api/errors";
import { useCan } from "@/lib/api/me";
import type { DatasourceDraft, DatasourceType, JsonObject } from "@/lib/api/model";
import { useCreate } from "@/lib/api/resources";
import { useFilePreview, useTestDatasource } from "@/lib/api/subjects/datasources";
import { isEqual } from "@/lib/schema/merge-patch";
import { fieldErrors, type FieldErrors } from "@/lib/schema/paths";
import { initialValue } from "@/lib/schema/schema-fields";
import { validate } from "@/lib/schema/validate";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { notify } from "@/ui/feedback/notify";
import { PageHeader } from "@/ui/page/page-header";
import { NotFound } from "@/ui/page/plain-page";
import { UnsavedGuard } from "@/ui/page/unsaved-guard";
import { useSaveShortcut } from "@/ui/shortcuts/use-save-shortcut";
import { prose } from "@/ui/text/prose";
import { DatasourceFields } from "./datasource-fields";
import classes from "./datasources.module.css";
import { TestResult } from "./test-result";

export function CreateDatasource() {
  const { type: name } = useParams();
  const { data: types, error, refetch } = useDatasourceTypes();
  if (error && !types) return <ErrorPanel page error={error} onRetry={() => void refetch()} />;
  if (!types) return null;
  const type = types.find((candidate) => candidate.type === name);
  return type ? <CreateForm key={type.type} type={type} /> : <NotFound />;
}

/** Returns a draft with the defaults, and the file from the URL. */
function newDatasourceDraft(type: DatasourceType, fileID: string | null): DatasourceDraft {
  const options = (initialValue(type.optionsSchema, type.optionsSchema) ?? {}) as JsonObject;
  return {
    name: "",
    description: "",
    type: type.type,
    options: fileID && type.optionsSchema.properties?.["fileID"] ? { ...options, fileID } : options,
    tags: [],
  };
}

function CreateForm({ type }: { type: DatasourceType }) {
  const link = useTenantLink();
  const navigate = useNavigate();
  const can = useCan();
  const create = useCreate("datasource");
  const test = useTestDatasource();
  const fileID = useSearchParams()[0].get("file");
  const [draft, setDraft] = useState(() => newDatasourceDraft(type, fileID));
  const [broken, setBroken] = useState<FieldErrors>({});
  const { data: preview } = useFilePreview(type.type, type.capabilities.looks ? draft.options : {});
  const errors = { ...(isApiError(create.error) ? fieldErrors(create.error.details) : {}), ...broken };

  const isValid = (withName: boolean) => {
    const found = {
      ...(withName && !draft.name.trim() ? { name: t`Enter a name` } : {}),
      ...validate(type.optionsSchema, draft.options, "options"),
    };
    setBroken(found);
    return Object.keys(found).length === 0;
  };
  const save = () => {
    if (!isValid(true)) return;
    if (preview?.error) {
      setBroken({
        "options.fileID": t`The file cannot be read with these settings. See the preview for details.`,
      });
      return;
    }
    create.mutate(
      { ...draft, name: draft.name.trim() },
      {
        onSuccess: ({ id, name }) => {
          notify.done(t`Created ${name}`);
          void navigate(link("datasources", id), { replace: true, ...justMade });
        },
      },
    );
  };
  useSaveShortcut(save);

  return (
    <>
      <PageHeader
        title={t`New ${type.name} datasource`}
        breadcrumb={[
          { label: t`Datasources`, to: link("datasources") },
          { label: t`New`, to: link("datasources", "new") },
        ]}
        actions={
          <>
            {can("datasource:test") && (
              <Button
                variant="default"
                loading={test.isPending}
                onClick={() => isValid(false) && test.mutate({ type: type.type, options: draft.options })}
              >
                <Trans>Test</Trans>
              </Button>
            )}
            <Button loading={create.isPending} onClick={save}>
              <Trans>Create</Trans>
            </Button>
          </>
        }
      />
      <Stack className={classes.form} gap="lg">
        <Text c="dimmed">{prose(type.description)}</Text>
        {create.error && <ErrorPanel error={create.error} title={t`Could not create the datasource`} />}
        <DatasourceFields
          type={type}
          draft={draft}
          errors={errors}
          onChange={(change) => setDraft((old) => ({ ...old, ...change }))}
        />
        <TestResult result={test.data} error={test.error} typeName={type.name} />
      </Stack>
      <UnsavedGuard dirty={!isEqual(draft, newDatasourceDraft(type, fileID))} />
    </>
  );
}
