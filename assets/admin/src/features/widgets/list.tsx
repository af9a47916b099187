import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group } from "@mantine/core";
import { IconChartBar, IconCopy, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import { ResourceList, type ListColumn, type RowAction } from "@/domain/records/resource-list";
import { KindIcon } from "@/domain/widgets/kinds/kind-icon";
import { useWidgetTypes } from "@/lib/api/catalog";
import { useCan } from "@/lib/api/me";
import type { Widget } from "@/lib/api/model";
import { useClone, useDelete } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import { PageHeader } from "@/ui/page/page-header";
import { Time } from "@/ui/text/time";

export function WidgetList() {
  const link = useTenantLink();
  const can = useCan();
  const navigate = useNavigate();
  const clone = useClone("widget");
  const remove = useDelete("widget");
  const [doomed, setDoomed] = useState<Widget | null>(null);
  const columns = useColumns();

  const actions = (widget: Widget): RowAction[] => [
    ...(can("widget:clone")
      ? [
          {
            label: t`Clone`,
            icon: <IconCopy size={16} />,
            onClick: () =>
              clone.mutate(
                { id: widget.id },
                {
                  onSuccess: ({ id }) => void navigate(link("widgets", id)),
                  onError: (error) => notify.failed(error),
                },
              ),
          },
        ]
      : []),
    ...(can("widget:delete")
      ? [{ label: t`Delete`, icon: <IconTrash size={16} />, danger: true, onClick: () => setDoomed(widget) }]
      : []),
  ];
  const create = can("widget:create") && (
    <Button component={Link} to={link("widgets", "new")} leftSection={<IconPlus size={16} />}>
      <Trans>New widget</Trans>
    </Button>
  );
  return (
    <>
      <PageHeader title={t`Widgets`} actions={create} />
      <ResourceList
        kind="widget"
        noun={[t`widget`, t`widgets`]}
        to={({ id }) => link("widgets", id)}
        actions={actions}
        columns={columns}
        empty={{
          icon: IconChartBar,
          title: t`No widgets yet`,
          text: t`A widget shows the data of a query as a table, a number or a chart.`,
          action: create,
        }}
      />
      <ConfirmDelete
        noun={t`widget`}
        name={doomed?.name ?? null}
        cascade
        onClose={() => setDoomed(null)}
        onDelete={({ cascade }) =>
          doomed ? remove.mutateAsync({ id: doomed.id, cascade }) : Promise.resolve()
        }
      />
    </>
  );
}

function useColumns(): ListColumn<Widget>[] {
  const types = useWidgetTypes().data;
  return [
    { label: t`Name`, sortBy: "name", render: ({ name }) => name },
    {
      label: t`Type`,
      render: ({ type }) => (
        <Group gap={6} wrap="nowrap">
          <KindIcon type={type} size={16} />
          {types?.find((candidate) => candidate.type === type)?.name ?? type}
        </Group>
      ),
    },
    { label: t`Description`, secondary: true, render: ({ description }) => description },
    {
      label: t`Updated`,
      sortBy: "updatedAt",
      secondary: true,
      render: ({ updatedAt }) => <Time value={updatedAt} />,
    },
  ];
}
