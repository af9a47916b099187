import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { IconCopy, IconLayoutDashboard, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import { NameDialog } from "@/domain/records/name-dialog";
import { ResourceList, type RowAction } from "@/domain/records/resource-list";
import { useCan } from "@/lib/api/me";
import type { Dashboard } from "@/lib/api/model";
import { useClone, useCreate, useDelete } from "@/lib/api/resources";
import { useNewDialog } from "@/lib/new-dialog";
import { useTenantLink } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import { PageHeader } from "@/ui/page/page-header";
import { Time } from "@/ui/text/time";

export function DashboardList() {
  const link = useTenantLink();
  const can = useCan();
  const navigate = useNavigate();
  const clone = useClone("dashboard");
  const create = useCreate("dashboard");
  const remove = useDelete("dashboard");
  const [doomed, setDoomed] = useState<Dashboard | null>(null);
  const naming = useNewDialog("dashboards");
  const edit = (id: string) => void navigate(link("dashboards", id, "edit"));

  const actions = (dashboard: Dashboard): RowAction[] => [
    ...(can("dashboard:update")
      ? [{ label: t`Edit`, icon: <IconPencil size={16} />, onClick: () => edit(dashboard.id) }]
      : []),
    ...(can("dashboard:clone")
      ? [
          {
            label: t`Clone`,
            icon: <IconCopy size={16} />,
            onClick: () =>
              clone.mutate(
                { id: dashboard.id },
                { onSuccess: ({ id }) => edit(id), onError: (error) => notify.failed(error) },
              ),
          },
        ]
      : []),
    ...(can("dashboard:delete")
      ? [
          {
            label: t`Delete`,
            icon: <IconTrash size={16} />,
            danger: true,
            onClick: () => setDoomed(dashboard),
          },
        ]
      : []),
  ];
  const button = can("dashboard:create") && (
    <Button leftSection={<IconPlus size={16} />} onClick={naming.open}>
      <Trans>New dashboard</Trans>
    </Button>
  );
  return (
    <>
      <PageHeader title={t`Dashboards`} actions={button} />
      <ResourceList
        kind="dashboard"
        noun={[t`dashboard`, t`dashboards`]}
        to={({ id }) => link("dashboards", id)}
        actions={actions}
        columns={[
          { label: t`Name`, sortBy: "name", render: ({ name }) => name },
          { label: t`Description`, secondary: true, render: ({ description }) => description },
          { label: t`Widgets`, align: "right", secondary: true, render: ({ items }) => items.length },
          {
            label: t`Updated`,
            sortBy: "updatedAt",
            secondary: true,
            render: ({ updatedAt }) => <Time value={updatedAt} />,
          },
        ]}
        empty={{
          icon: IconLayoutDashboard,
          title: t`No dashboards yet`,
          text: t`A dashboard shows widgets on one page, with variables and live data.`,
          action: button,
        }}
      />
      <NameDialog
        opened={naming.opened}
        title={t`New dashboard`}
        verb={t`Create`}
        onClose={naming.close}
        onDone={async (named) => {
          const { id } = await create.mutateAsync({
            ...named,
            tabs: [],
            items: [],
            layouts: {},
            variables: [],
            refreshSeconds: 0,
          });
          void navigate(link("dashboards", id, "edit"), { replace: true });
        }}
      />
      <ConfirmDelete
        noun={t`dashboard`}
        name={doomed?.name ?? null}
        onClose={() => setDoomed(null)}
        onDelete={() => (doomed ? remove.mutateAsync({ id: doomed.id }) : Promise.resolve())}
      />
    </>
  );
}
