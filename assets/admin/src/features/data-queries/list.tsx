import { t } from "@lingui/core/macro";
import { IconFileSearch } from "@tabler/icons-react";
import { ChangesData } from "@/domain/records/changes-data";
import { usePlaceFilter } from "@/domain/records/list/place-filter";
import { UsedIn } from "@/domain/records/list/used-in";
import { useMoveToLibrary } from "@/domain/records/menu/move-to-library";
import { RecordListPage } from "@/domain/records/page/record-list-page";
import type { ListColumn } from "@/domain/records/resource-list";
import { useCan } from "@/lib/api/me";
import type { DataQuery } from "@/lib/api/model";
import { useList } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { Time } from "@/ui/text/time";

export function QueryList() {
  const link = useTenantLink();
  const columns = useColumns();
  const place = usePlaceFilter();
  const moveToLibrary = useMoveToLibrary("dataquery");
  return (
    <RecordListPage
      kind="dataquery"
      columns={columns}
      own={moveToLibrary}
      {...place}
      create={{ label: t`New query`, to: link("data-queries", "new") }}
      empty={{
        icon: IconFileSearch,
        title: t`No queries in the library yet`,
        text: t`A query reads data from a datasource, with typed parameters, for widgets and workflows. Queries that belong to one dashboard are written there.`,
      }}
    />
  );
}

function useColumns(): ListColumn<DataQuery>[] {
  const can = useCan();
  const datasources = useList("datasource", { limit: 200 }, { enabled: can("datasource:list") });
  return [
    {
      label: t`Name`,
      sortBy: "name",
      render: ({ name }) => name,
      beside: ({ changesData }) => changesData && <ChangesData />,
    },
    {
      label: t`Datasource`,
      render: ({ datasourceID }) => datasources.items?.find(({ id }) => id === datasourceID)?.name ?? "–",
    },
    { label: t`Used in`, secondary: true, render: ({ id }) => <UsedIn kind="dataquery" id={id} /> },
    { label: t`Description`, secondary: true, render: ({ description }) => description },
    {
      label: t`Updated`,
      sortBy: "updatedAt",
      secondary: true,
      render: ({ updatedAt }) => <Time value={updatedAt} />,
    },
  ];
}
