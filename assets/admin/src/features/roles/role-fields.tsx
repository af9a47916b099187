import { t } from "@lingui/core/macro";
import { Input, Stack, Textarea, TextInput } from "@mantine/core";
import type { RoleDraft } from "@/lib/api/model";
import type { FieldErrors } from "@/lib/schema/paths";
import { Fact, Facts } from "@/ui/facts/facts";
import { PermissionMatrix } from "./permission-matrix";
import classes from "./roles.module.css";

interface RoleFieldsProps {
  draft: RoleDraft;
  onChange: (change: Partial<RoleDraft>) => void;
  errors: FieldErrors;
  readOnly: boolean;
  /** An existing role is renamed in the header. */
  named?: boolean;
}

export function RoleFields({ draft, onChange, errors, readOnly, named = false }: RoleFieldsProps) {
  return (
    <Stack className={classes.page} gap="lg">
      {!named && (
        <TextInput
          label={t`Name`}
          withAsterisk
          autoFocus
          maw={480}
          maxLength={255}
          value={draft.name}
          error={errors["name"]}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
      )}
      {readOnly ? (
        <Facts>
          <Fact label={t`Description`}>{draft.description}</Fact>
        </Facts>
      ) : (
        <Textarea
          label={t`Description`}
          autosize
          minRows={1}
          maxRows={6}
          maw={480}
          value={draft.description ?? ""}
          error={errors["description"]}
          onChange={(event) => onChange({ description: event.currentTarget.value })}
        />
      )}
      <Input.Wrapper label={t`Permissions`} labelElement="div" error={errors["permissions"]}>
        <PermissionMatrix
          value={draft.permissions}
          readOnly={readOnly}
          onChange={(permissions) => onChange({ permissions })}
        />
      </Input.Wrapper>
    </Stack>
  );
}
