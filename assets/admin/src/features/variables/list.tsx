import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Code, Group, Text } from "@mantine/core";
import { IconLock, IconPencil, IconPlus, IconTrash, IconVariable } from "@tabler/icons-react";
import { useState } from "react";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import { ResourceList, type ListColumn } from "@/domain/records/resource-list";
import { useCan } from "@/lib/api/me";
import type { Variable } from "@/lib/api/model";
import { useDelete } from "@/lib/api/resources";
import { showValue } from "@/lib/schema/free-value";
import { PageHeader } from "@/ui/page/page-header";
import { Time } from "@/ui/text/time";
import { VariableDialog } from "./variable-dialog";

const columns: ListColumn<Variable>[] = [
  { label: t`Name`, sortBy: "name", render: ({ name }) => <Code>vars.{name}</Code> },
  { label: t`Value`, render: (variable) => <Value {...variable} /> },
  { label: t`Description`, secondary: true, render: ({ description }) => description },
  {
    label: t`Updated`,
    sortBy: "updatedAt",
    secondary: true,
    render: ({ updatedAt }) => <Time value={updatedAt} />,
  },
];

function Value({ secret, value }: Variable) {
  if (!secret) {
    return (
      <Text size="sm" maw={320} truncate>
        {showValue(value)}
      </Text>
    );
  }
  return (
    <Group gap={4} wrap="nowrap">
      <IconLock size={14} aria-hidden />
      <Text size="sm" c="dimmed">
        <Trans>secret</Trans>
      </Text>
    </Group>
  );
}

export function VariableList() {
  const can = useCan();
  const remove = useDelete("variable");
  const [edited, setEdited] = useState<Variable | "new" | null>(null);
  const [doomed, setDoomed] = useState<Variable | null>(null);
  const create = can("variable:create") && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited("new")}>
      <Trans>New variable</Trans>
    </Button>
  );
  return (
    <>
      <PageHeader title={t`Variables`} actions={create} />
      <ResourceList
        kind="variable"
        noun={[t`variable`, t`variables`]}
        defaultSort="name"
        columns={columns}
        actions={(variable) => [
          ...(can("variable:update")
            ? [{ label: t`Edit`, icon: <IconPencil size={16} />, onClick: () => setEdited(variable) }]
            : []),
          ...(can("variable:delete")
            ? [
                {
                  label: t`Delete`,
                  icon: <IconTrash size={16} />,
                  danger: true,
                  onClick: () => setDoomed(variable),
                },
              ]
            : []),
        ]}
        empty={{
          icon: IconVariable,
          title: t`No variables yet`,
          text: t`URLs, tokens and other values that workflows share. Use them in expressions as vars.<name>.`,
          action: create,
        }}
      />
      <VariableDialog variable={edited} onClose={() => setEdited(null)} />
      <ConfirmDelete
        noun={t`variable`}
        name={doomed?.name ?? null}
        consequence={
          <Trans>
            <b>{doomed?.name}</b> will be permanently deleted. Workflows that use it will fail.
          </Trans>
        }
        onClose={() => setDoomed(null)}
        onDelete={() => (doomed ? remove.mutateAsync({ id: doomed.id }) : Promise.resolve())}
      />
    </>
  );
}
