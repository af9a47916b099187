import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Radio, Skeleton, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useCan, useMembership } from "@/lib/api/me";
import type { AccessReport, Dashboard } from "@/lib/api/model";
import { useList } from "@/lib/api/resources";
import { useDashboardAccess } from "@/lib/api/subjects/access";
import { serverText } from "@/lib/i18n";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { notify } from "@/ui/feedback/notify";
import { holderOf, settingsOf, type Holder } from "./grants";
import { Holders } from "./holders";

interface AccessProps {
  dashboard: Pick<Dashboard, "id" | "name">;
  onClose: () => void;
}

/** Decides who may open a dashboard, and what they may do there. */
export function Access({ dashboard, onClose }: AccessProps) {
  const { current } = useDashboardAccess(dashboard.id);
  const role = useMembership()?.role;
  if (current.error) return <ErrorPanel error={current.error} onRetry={() => void current.refetch()} />;
  if (!current.data || !role) return <Skeleton h={200} />;
  return <AccessForm dashboard={dashboard} before={current.data} self={role} onClose={onClose} />;
}

interface AccessFormProps extends AccessProps {
  before: AccessReport;
  /** The caller's role. */
  self: { id: string; name: string };
}

function AccessForm({ dashboard, before, self, onClose }: AccessFormProps) {
  const can = useCan();
  const { replace } = useDashboardAccess(dashboard.id);
  const [everyone, setEveryone] = useState(before.everyone);
  const [holders, setHolders] = useState<readonly Holder[]>(() => before.grants.map(holderOf));
  const choose = (value: string) => {
    setEveryone(value === "everyone");
    // without a grant, the caller would lock themselves out
    if (value !== "everyone" && holders.length === 0)
      setHolders([{ id: self.id, kind: "role", name: serverText(self.name), level: "edit" }]);
  };
  const roles = useList("role", { sort: "name", limit: 200 }, { enabled: can("role:list") }).items ?? [];
  const members = useList("member", {}, { enabled: can("member:list") }).items ?? [];
  const save = () =>
    replace.mutate(settingsOf(everyone, holders), {
      onSuccess: () => {
        notify.done(t`Access saved`);
        onClose();
      },
    });
  return (
    <Stack gap="md">
      <Radio.Group label={t`Who can open it`} value={everyone ? "everyone" : "some"} onChange={choose}>
        <Stack gap="xs" mt="xs">
          <Radio
            value="everyone"
            label={t`Everyone`}
            description={t`All members whose role can view dashboards.`}
          />
          <Radio
            value="some"
            label={t`Only selected roles and members`}
            description={t`For everyone else the dashboard does not exist, and neither do its own widgets and queries.`}
          />
        </Stack>
      </Radio.Group>
      {!everyone && <Holders holders={holders} onChange={setHolders} roles={roles} members={members} />}
      <Text size="sm" c="dimmed">
        <Trans>
          Nobody can do more here than their role allows. Members who may edit roles can always open every
          dashboard. Widgets and queries of the library are not restricted.
        </Trans>
      </Text>
      {replace.error && <ErrorPanel error={replace.error} title={t`Could not save the access`} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button loading={replace.isPending} onClick={save}>
          <Trans>Save</Trans>
        </Button>
      </Group>
    </Stack>
  );
}
