import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Badge, Button, Group } from "@mantine/core";
import { IconCopy, IconDatabase, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import { ResourceList, type ListColumn, type RowAction } from "@/domain/records/resource-list";
import { useDatasourceTypes } from "@/lib/api/catalog";
import { useCan } from "@/lib/api/me";
import type { Datasource } from "@/lib/api/model";
import { useClone, useDelete } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";
import { PageHeader } from "@/ui/page/page-header";
import { Time } from "@/ui/text/time";
import { TypeIcon } from "./type-icon";

export function DatasourceList() {
  const link = useTenantLink();
  const can = useCan();
  const navigate = useNavigate();
  const clone = useClone("datasource");
  const remove = useDelete("datasource");
  const [doomed, setDoomed] = useState<Datasource | null>(null);
  const columns = useColumns();

  const actions = (datasource: Datasource): RowAction[] => [
    ...(can("datasource:clone")
      ? [
          {
            label: t`Clone`,
            icon: <IconCopy size={16} />,
            onClick: () =>
              clone.mutate(
                { id: datasource.id },
                {
                  onSuccess: ({ id }) => void navigate(link("datasources", id)),
                  onError: (error) => notify.failed(error),
                },
              ),
          },
        ]
      : []),
    ...(can("datasource:delete")
      ? [
          {
            label: t`Delete`,
            icon: <IconTrash size={16} />,
            danger: true,
            onClick: () => setDoomed(datasource),
          },
        ]
      : []),
  ];
  const create = can("datasource:create") && (
    <Button component={Link} to={link("datasources", "new")} leftSection={<IconPlus size={16} />}>
      <Trans>New datasource</Trans>
    </Button>
  );
  return (
    <>
      <PageHeader title={t`Datasources`} actions={create} />
      <ResourceList
        kind="datasource"
        noun={[t`datasource`, t`datasources`]}
        to={({ id }) => link("datasources", id)}
        actions={actions}
        columns={columns}
        empty={{
          icon: IconDatabase,
          title: t`No datasources yet`,
          text: t`A datasource is a connection to a database or a service. Queries read and write its data.`,
          action: create,
        }}
      />
      <ConfirmDelete
        noun={t`datasource`}
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
            <TypeIcon category={known?.category} size={16} />
            {known?.name ?? type}
          </Group>
        );
      },
    },
    {
      label: t`Tags`,
      secondary: true,
      render: ({ tags }) => (
        <Group gap={4}>
          {tags.map((tag) => (
            <Badge key={tag} variant="default" size="sm" tt="none" fw={400}>
              {tag}
            </Badge>
          ))}
        </Group>
      ),
    },
    {
      label: t`Updated`,
      sortBy: "updatedAt",
      secondary: true,
      render: ({ updatedAt }) => <Time value={updatedAt} />,
    },
  ];
}
