import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Button, Skeleton } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useParams } from "react-router";
import { SaveState } from "@/domain/records/save-state";
import { VersionConflict } from "@/domain/records/version-conflict";
import { WhileThere } from "@/domain/records/while-there";
import { useEditor } from "@/lib/api/editor";
import { failureOf, isApiError } from "@/lib/api/errors";
import { useCan } from "@/lib/api/me";
import type { Role, RoleDraft } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { serverText } from "@/lib/i18n";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { PageHeader } from "@/ui/page/page-header";
import { NotFound } from "@/ui/page/plain-page";
import { UnsavedGuard } from "@/ui/page/unsaved-guard";
import { useSaveShortcut } from "@/ui/shortcuts/use-save-shortcut";
import { RoleFields } from "./role-fields";

export function EditRole() {
  const { roleID } = useParams();
  const role = useOne("role", roleID);
  const error = failureOf(role);
  if (isApiError(error, "NOT_FOUND")) return <NotFound />;
  if (error) return <ErrorPanel page error={error} onRetry={() => void role.refetch()} />;
  if (!role.data) return <Skeleton m="xl" h={320} w="auto" />;
  return (
    <WhileThere error={role.error}>
      <Editor key={role.data.id} role={role.data} />
    </WhileThere>
  );
}

const roleDraftOf = ({ name, description, permissions }: Role): RoleDraft => ({
  name,
  description,
  permissions,
});

function Editor({ role }: { role: Role }) {
  const link = useTenantLink();
  const can = useCan();
  const editor = useEditor("role", role, roleDraftOf);
  const { base, draft, dirty, saving } = editor;
  const mayUpdate = can("role:update") && !base.builtIn;
  useSaveShortcut(() => dirty && !saving && void editor.save(), mayUpdate);
  return (
    <>
      <PageHeader
        title={base.builtIn ? serverText(base.name) : draft.name}
        breadcrumb={[{ label: t`Roles`, to: link("settings", "roles") }]}
        {...(mayUpdate ? { onRename: (name: string) => editor.set({ name }) } : {})}
        state={
          !base.builtIn && (
            <SaveState dirty={dirty} saving={saving} savedAt={base.updatedAt} version={base.version} />
          )
        }
        actions={
          mayUpdate && (
            <Button loading={saving} disabled={!dirty} onClick={() => void editor.save()}>
              <Trans>Save</Trans>
            </Button>
          )
        }
      />
      {base.builtIn && (
        <Alert m="xl" mb={0} color="gray" variant="light" icon={<IconLock size={18} />}>
          <Trans>
            This role is built in and cannot be changed. For other permissions, create a new role.
          </Trans>
        </Alert>
      )}
      {Boolean(editor.error) && (
        <ErrorPanel page error={editor.error} title={t`Could not save the changes`} />
      )}
      <RoleFields
        named
        draft={base.builtIn ? { ...draft, description: serverText(base.description ?? "") } : draft}
        disabled={!mayUpdate}
        errors={editor.errors}
        onChange={editor.set}
      />
      <UnsavedGuard dirty={dirty} />
      <VersionConflict editor={editor} />
    </>
  );
}
