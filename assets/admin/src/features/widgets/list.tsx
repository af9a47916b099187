import { Button, Group } from "@mantine/core";
import { IconChartBar, IconCopy, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { useWidgetTypes } from "@/lib/api/catalog";
import { useCan } from "@/lib/api/me";
import type { Widget } from "@/lib/api/model";
import { useClone, useDelete } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { ConfirmDelete } from "@/ui/confirm-delete";
import { notify } from "@/ui/notify";
import { PageHeader } from "@/ui/page-header";
import { ResourceList, type ListColumn, type RowAction } from "@/ui/resource-list";
import { Time } from "@/ui/time";
import { KindIcon } from "@/ui/widget-kinds/kind-icon";

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
      ? [{ label: "Clone", icon: <IconCopy size={16} />, onClick: () => clone.mutate({ id: widget.id }, { onSuccess: ({ id }) => void navigate(link("widgets", id)), onError: (error) => notify.failed(error) }) }]
      : []),
    ...(can("widget:delete") ? [{ label: "Delete", icon: <IconTrash size={16} />, danger: true, onClick: () => setDoomed(widget) }] : []),
  ];
  const create = can("widget:create") && (
    <Button component={Link} to={link("widgets", "new")} leftSection={<IconPlus size={16} />}>
      New widget
    </Button>
  );
  return (
    <>
      <PageHeader title="Widgets" actions={create} />
      <ResourceList
        kind="widget"
        noun={["widget", "widgets"]}
        to={({ id }) => link("widgets", id)}
        actions={actions}
        columns={columns}
        empty={{ icon: IconChartBar, title: "No widgets yet", text: "A widget draws the data of a query: as a table, a number, a chart.", action: create }}
      />
      <ConfirmDelete
        noun="widget"
        name={doomed?.name ?? null}
        cascade
        onClose={() => setDoomed(null)}
        onDelete={({ cascade }) => (doomed ? remove.mutateAsync({ id: doomed.id, cascade }) : Promise.resolve())}
      />
    </>
  );
}

function useColumns(): ListColumn<Widget>[] {
  const types = useWidgetTypes().data;
  return [
    { label: "Name", sortBy: "name", render: ({ name }) => name },
    {
      label: "Type",
      render: ({ type }) => (
        <Group gap={6} wrap="nowrap">
          <KindIcon type={type} size={16} />
          {types?.find((candidate) => candidate.type === type)?.name ?? type}
        </Group>
      ),
    },
    { label: "Description", secondary: true, render: ({ description }) => description },
    { label: "Changed", sortBy: "updatedAt", secondary: true, render: ({ updatedAt }) => <Time value={updatedAt} /> },
  ];
}
