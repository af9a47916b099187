import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { IconCopy, IconFileSearch, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import { ResourceList, type ListColumn, type RowAction } from "@/domain/records/resource-list";
import { useCan } from "@/lib/api/me";
import type { DataQuery } from "@/lib/api/model";
import { useClone, useDelete, useList } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import { PageHeader } from "@/ui/page/page-header";
import { Time } from "@/ui/text/time";

export function QueryList() {
  const link = useTenantLink();
  const can = useCan();
  const navigate = useNavigate();
  const clone = useClone("dataquery");
  const remove = useDelete("dataquery");
  const [doomed, setDoomed] = useState<DataQuery | null>(null);
  const columns = useColumns();

  const actions = (query: DataQuery): RowAction[] => [
    ...(can("dataquery:clone")
      ? [
          {
            label: t`Clone`,
            icon: <IconCopy size={16} />,
            onClick: () =>
              clone.mutate(
                { id: query.id },
                {
                  onSuccess: ({ id }) => void navigate(link("data-queries", id)),
                  onError: (error) => notify.failed(error),
                },
              ),
          },
        ]
      : []),
    ...(can("dataquery:delete")
      ? [{ label: t`Delete`, icon: <IconTrash size={16} />, danger: true, onClick: () => setDoomed(query) }]
      : []),
  ];
  const create = can("dataquery:create") && (
    <Button component={Link} to={link("data-queries", "new")} leftSection={<IconPlus size={16} />}>
      <Trans>New query</Trans>
    </Button>
  );
  return (
    <>
      <PageHeader title={t`Queries`} actions={create} />
      <ResourceList
        kind="dataquery"
        noun={[t`query`, t`queries`]}
        to={({ id }) => link("data-queries", id)}
        actions={actions}
        columns={columns}
        empty={{
          icon: IconFileSearch,
          title: t`No queries yet`,
          text: t`A query reads data from a datasource, with typed parameters, for widgets and workflows.`,
          action: create,
        }}
      />
      <ConfirmDelete
        noun={t`query`}
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

function useColumns(): ListColumn<DataQuery>[] {
  const can = useCan();
  const datasources = useList("datasource", { limit: 200 }, { enabled: can("datasource:list") });
  return [
    { label: t`Name`, sortBy: "name", render: ({ name }) => name },
    {
      label: t`Datasource`,
      render: ({ datasourceID }) => datasources.items?.find(({ id }) => id === datasourceID)?.name ?? "–",
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
