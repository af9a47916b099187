import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { useState } from "react";
import { useNavigate } from "react-router";
import { isApiError } from "@/lib/api/errors";
import type { RoleDraft } from "@/lib/api/model";
import { useCreate } from "@/lib/api/resources";
import { fieldErrors } from "@/lib/schema/paths";
import { settled } from "@/lib/session/unsaved";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PageHeader } from "@/ui/page/page-header";
import { UnsavedGuard } from "@/ui/page/unsaved-guard";
import { RoleFields } from "./role-fields";
import { EMPTY, StartFrom } from "./start-from";

export function CreateRole() {
  const link = useTenantLink();
  const navigate = useNavigate();
  const create = useCreate("role");
  const [draft, setDraft] = useState<RoleDraft>({
    name: "",
    description: "",
    permissions: EMPTY,
    startDashboardID: null,
  });
  const [nameless, setNameless] = useState(false);
  const errors = isApiError(create.error) ? fieldErrors(create.error.details) : {};
  const save = () => {
    setNameless(!draft.name.trim());
    if (!draft.name.trim()) return;
    create.mutate(
      { ...draft, name: draft.name.trim() },
      { onSuccess: () => void navigate(link("settings", "roles"), settled) },
    );
  };
  const copy = (permissions: string[]) => setDraft((old) => ({ ...old, permissions }));
  return (
    <>
      <PageHeader
        title={t`New role`}
        breadcrumb={[{ label: t`Roles`, to: link("settings", "roles") }]}
        actions={
          <Button loading={create.isPending} onClick={save}>
            <Trans>Create</Trans>
          </Button>
        }
      />
      {create.error && <ErrorPanel page error={create.error} title={t`Could not create the role`} />}
      <RoleFields
        draft={draft}
        start={<StartFrom onChange={copy} />}
        readOnly={false}
        errors={nameless ? { ...errors, name: t`Name is required` } : errors}
        onChange={(change) => setDraft((old) => ({ ...old, ...change }))}
      />
      <UnsavedGuard dirty={draft.name !== ""} />
    </>
  );
}
