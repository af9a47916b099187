import { t } from "@lingui/core/macro";
import { Input, Stack, Textarea, TextInput } from "@mantine/core";
import { ResourceSelect } from "@/domain/records/resource-select";
import { useCan } from "@/lib/api/me";
import type { RoleDraft } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import type { FieldErrors } from "@/lib/schema/paths";
import { Fact, Facts } from "@/ui/facts/facts";
import { PermissionMatrix } from "./permission-matrix";
import classes from "./roles.module.css";

interface StartPageProps extends Pick<RoleFieldsProps, "draft" | "onChange"> {
  error: string | undefined;
  readOnly: boolean;
}

/** The name of the dashboard that members with the role see first. */
function StartName({ id }: { id: string }) {
  const name = useOne("dashboard", id).data?.name;
  return (
    <Facts>
      <Fact label={t`Start page`}>{name}</Fact>
    </Facts>
  );
}

/** Selects the dashboard that members with the role see first. */
function StartPage({ draft, error, readOnly, onChange }: StartPageProps) {
  const can = useCan();
  const { startDashboardID, permissions } = draft;
  if (!can("dashboard:list")) return null;
  if (readOnly) return startDashboardID === null ? null : <StartName id={startDashboardID} />;
  const isUnread = startDashboardID !== null && !permissions.includes("dashboard:read");
  return (
    <ResourceSelect
      kind="dashboard"
      label={t`Start page`}
      description={t`The dashboard that members with this role see first. Without one, they see the home page.`}
      placeholder={t`Home`}
      maw={480}
      clearable
      value={startDashboardID}
      error={
        error ??
        (isUnread ? t`This role cannot read dashboards, so its members see the home page.` : undefined)
      }
      onChange={(id) => onChange({ startDashboardID: id })}
    />
  );
}

interface RoleFieldsProps {
  draft: RoleDraft;
  onChange: (change: Partial<RoleDraft>) => void;
  errors: FieldErrors;
  readOnly: boolean;
  /** Whether the start page can be set although the rest cannot be changed: that of a built-in role. */
  mayStart?: boolean;
  /** An existing role is renamed in the header. */
  named?: boolean;
  /** Before the permissions: what a new role starts with. */
  start?: React.ReactNode;
}

export function RoleFields({
  draft,
  onChange,
  errors,
  readOnly,
  mayStart = !readOnly,
  named = false,
  start,
}: RoleFieldsProps) {
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
      <StartPage draft={draft} error={errors["startDashboardID"]} readOnly={!mayStart} onChange={onChange} />
      {start}
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
