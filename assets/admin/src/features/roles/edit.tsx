import { Trans } from "@lingui/react/macro";
import { Alert } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useParams } from "react-router";
import { RecordMenu } from "@/domain/records/menu/record-menu";
import { EditorPage } from "@/domain/records/page/editor-page";
import { RecordPage } from "@/domain/records/page/record-page";
import { useEditor } from "@/lib/api/editor";
import { meKey, useCan } from "@/lib/api/me";
import type { Role, RoleDraft } from "@/lib/api/model";
import { serverText } from "@/lib/i18n";
import { RoleFields } from "./role-fields";

export function EditRole() {
  return (
    <RecordPage kind="role" id={useParams().roleID}>
      {(role) => <Editor role={role} />}
    </RecordPage>
  );
}

const roleDraftOf = ({ name, description, permissions, startDashboardID }: Role): RoleDraft => ({
  name,
  description,
  permissions,
  startDashboardID: startDashboardID ?? null,
});

function Editor({ role }: { role: Role }) {
  const can = useCan();
  const editor = useEditor("role", role, roleDraftOf);
  const { base, draft } = editor;
  const client = useQueryClient();
  const mayUpdate = can("role:update");
  const save = async () => {
    const isSaved = await editor.save();
    // the start page of one's own role
    if (isSaved) await client.invalidateQueries({ queryKey: meKey });
    return isSaved;
  };
  return (
    <EditorPage
      kind="role"
      editor={editor}
      mayUpdate={mayUpdate}
      onSave={save}
      {...(base.builtIn ? { title: serverText(base.name) } : {})}
      actions={<RecordMenu kind="role" record={base} />}
      notice={
        base.builtIn && (
          <Alert
            m={{ base: "lg", sm: "xl" }}
            mb={0}
            color="gray"
            variant="light"
            icon={<IconLock size={18} />}
          >
            {mayUpdate && can("role:create") && (
              <Trans>
                This role is built in: only its start page can be changed. For other permissions, create a new
                role.
              </Trans>
            )}
            {mayUpdate && !can("role:create") && (
              <Trans>This role is built in: only its start page can be changed.</Trans>
            )}
            {!mayUpdate && <Trans>This role is built in and cannot be changed.</Trans>}
          </Alert>
        )
      }
    >
      <RoleFields
        named
        draft={base.builtIn ? { ...draft, description: serverText(base.description ?? "") } : draft}
        readOnly={!mayUpdate || Boolean(base.builtIn)}
        mayStart={mayUpdate}
        errors={editor.errors}
        onChange={editor.set}
      />
    </EditorPage>
  );
}
