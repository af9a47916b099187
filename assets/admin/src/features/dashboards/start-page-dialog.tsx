import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Checkbox, Group, Modal, Skeleton, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { meKey } from "@/lib/api/me";
import type { Dashboard, Role } from "@/lib/api/model";
import { useList, useOne, usePatch } from "@/lib/api/resources";
import { serverText } from "@/lib/i18n";
import { notify } from "@/ui/feedback/notify";
import { ErrorPanel } from "@/ui/feedback/error-panel";

interface StartPageDialogProps {
  dashboard: Pick<Dashboard, "id" | "name">;
  onClose: () => void;
}

/** Selects the roles whose members see a dashboard first. */
export function StartPageDialog({ dashboard, onClose }: StartPageDialogProps) {
  const roles = useList("role", { sort: "name", limit: 200 });
  return (
    <Modal opened onClose={onClose} title={t`Start page of…`} closeButtonProps={{ "aria-label": t`Close` }}>
      {roles.error ? (
        <ErrorPanel error={roles.error} onRetry={() => void roles.refetch()} />
      ) : roles.items ? (
        <RoleChoice dashboard={dashboard} roles={roles.items} onClose={onClose} />
      ) : (
        <Skeleton h={160} />
      )}
    </Modal>
  );
}

interface RoleChoiceProps extends StartPageDialogProps {
  roles: readonly Role[];
}

function RoleChoice({ dashboard: { id, name }, roles, onClose }: RoleChoiceProps) {
  const client = useQueryClient();
  const patch = usePatch("role");
  const before = roles.filter(({ startDashboardID }) => startDashboardID === id).map((role) => role.id);
  const [chosen, setChosen] = useState<readonly string[]>(before);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const changed = roles.filter((role) => chosen.includes(role.id) !== before.includes(role.id));
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      for (const role of changed) {
        const startDashboardID = chosen.includes(role.id) ? id : null;
        await patch.mutateAsync({ id: role.id, patch: { startDashboardID }, version: role.version });
      }
      notify.done(t`Start page saved`);
      onClose();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
      void client.invalidateQueries({ queryKey: meKey });
    }
  };
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        <Trans>Members with these roles see “{name}” first after they sign in.</Trans>
      </Text>
      <Checkbox.Group value={[...chosen]} onChange={setChosen} aria-label={t`Roles`}>
        <Stack gap="xs">
          {roles.map((role) => (
            <Checkbox
              key={role.id}
              value={role.id}
              label={role.builtIn ? serverText(role.name) : role.name}
              description={<Present role={role} id={id} />}
            />
          ))}
        </Stack>
      </Checkbox.Group>
      {Boolean(error) && <ErrorPanel error={error} title={t`Could not save the start page`} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button loading={busy} disabled={changed.length === 0} onClick={() => void save()}>
          <Trans>Save</Trans>
        </Button>
      </Group>
    </Stack>
  );
}

/** What the members of a role see first until now, or why they would not see the dashboard. */
function Present({ role, id }: { role: Role; id: string }) {
  const other = role.startDashboardID && role.startDashboardID !== id ? role.startDashboardID : undefined;
  const present = useOne("dashboard", other).data?.name;
  if (!role.permissions.includes("dashboard:read")) return t`Cannot read dashboards: sees the home page.`;
  return present === undefined ? null : t`Now: ${present}`;
}
