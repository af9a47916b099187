import { t } from "@lingui/core/macro";
import { Group } from "@mantine/core";
import { IconDatabase } from "@tabler/icons-react";
import { UsedIn } from "@/domain/records/list/used-in";
import { RecordListPage } from "@/domain/records/page/record-list-page";
import type { ListColumn } from "@/domain/records/resource-list";
import { useDatasourceTypes } from "@/lib/api/catalog";
import type { Datasource } from "@/lib/api/model";
import { useTenantLink } from "@/lib/tenant";
import { Time } from "@/ui/text/time";
import { TypeIcon } from "./type-icon";

export function DatasourceList() {
  const link = useTenantLink();
  const columns = useColumns();
  return (
    <RecordListPage
      kind="datasource"
      columns={columns}
      create={{ label: t`New datasource`, to: link("datasources", "new") }}
      empty={{
        icon: IconDatabase,
        title: t`No datasources yet`,
        text: t`A datasource is a connection to a database or a service. Queries read and write its data.`,
      }}
    />
  );
}

function useColumns(): ListColumn<Datasource>[] {
  const types = useDatasourceTypes().data;
  return [
    { label: t`Name`, sortBy: "name", render: ({ name }) => name },
    {
      label: t`Type`,
      render: ({ type }) => {
        const known = types?.find((candidate) => candidate.type === type);
        return (
          <Group gap={6} wrap="nowrap">
            <TypeIcon name={known?.name ?? type} size={20} />
            {known?.name ?? type}
          </Group>
        );
      },
    },
    { label: t`Used in`, secondary: true, render: ({ id }) => <UsedIn kind="datasource" id={id} /> },
    {
      label: t`Updated`,
      sortBy: "updatedAt",
      secondary: true,
      render: ({ updatedAt }) => <Time value={updatedAt} />,
    },
  ];
}
