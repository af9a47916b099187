import { t } from "@lingui/core/macro";
import { Group } from "@mantine/core";
import { IconChartBar } from "@tabler/icons-react";
import { usePlaceFilter } from "@/domain/records/list/place-filter";
import { UsedIn } from "@/domain/records/list/used-in";
import { useMoveToLibrary } from "@/domain/records/menu/move-to-library";
import { RecordListPage } from "@/domain/records/page/record-list-page";
import type { ListColumn } from "@/domain/records/resource-list";
import { KindIcon } from "@/domain/widgets/kinds/kind-icon";
import { useWidgetTypes } from "@/lib/api/catalog";
import type { Widget } from "@/lib/api/model";
import { useTenantLink } from "@/lib/tenant";
import { Time } from "@/ui/text/time";

export function WidgetList() {
  const link = useTenantLink();
  const columns = useColumns();
  const place = usePlaceFilter();
  const moveToLibrary = useMoveToLibrary("widget");
  return (
    <RecordListPage
      kind="widget"
      columns={columns}
      own={moveToLibrary}
      {...place}
      create={{ label: t`New widget`, to: link("widgets", "new") }}
      empty={{
        icon: IconChartBar,
        title: t`No widgets in the library yet`,
        text: t`A widget shows the data of a query as a table, a number or a chart. Widgets that belong to one dashboard are created there.`,
      }}
    />
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
    { label: t`Used in`, secondary: true, render: ({ id }) => <UsedIn kind="widget" id={id} /> },
    { label: t`Description`, secondary: true, render: ({ description }) => description },
    {
      label: t`Updated`,
      sortBy: "updatedAt",
      secondary: true,
      render: ({ updatedAt }) => <Time value={updatedAt} />,
    },
  ];
}
