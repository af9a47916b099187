import { Button, Code, Group, Text } from "@mantine/core";
import { IconLock, IconPencil, IconPlus, IconTrash, IconVariable } from "@tabler/icons-react";
import { useState } from "react";
import { useCan } from "@/lib/api/me";
import type { Variable } from "@/lib/api/model";
import { useDelete } from "@/lib/api/resources";
import { showValue } from "@/lib/free-value";
import { ConfirmDelete } from "@/ui/confirm-delete";
import { PageHeader } from "@/ui/page-header";
import { ResourceList, type ListColumn } from "@/ui/resource-list";
import { Time } from "@/ui/time";
import { VariableDialog } from "./variable-dialog";

const columns: ListColumn<Variable>[] = [
  { label: "Name", sortBy: "name", render: ({ name }) => <Code>vars.{name}</Code> },
  { label: "Value", render: (variable) => <Value {...variable} /> },
  { label: "Description", secondary: true, render: ({ description }) => description },
  { label: "Changed", sortBy: "updatedAt", secondary: true, render: ({ updatedAt }) => <Time value={updatedAt} /> },
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
        secret
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
      New variable
    </Button>
  );
  return (
    <>
      <PageHeader title="Variables" actions={create} />
      <ResourceList
        kind="variable"
        noun={["variable", "variables"]}
        defaultSort="name"
        columns={columns}
        actions={(variable) => [
          ...(can("variable:update") ? [{ label: "Edit", icon: <IconPencil size={16} />, onClick: () => setEdited(variable) }] : []),
          ...(can("variable:delete") ? [{ label: "Delete", icon: <IconTrash size={16} />, danger: true, onClick: () => setDoomed(variable) }] : []),
        ]}
        empty={{ icon: IconVariable, title: "No variables yet", text: "Addresses, tokens and other values that workflows share, as vars.<name> in their expressions.", action: create }}
      />
      <VariableDialog variable={edited} onClose={() => setEdited(null)} />
      <ConfirmDelete
        noun="variable"
        name={doomed?.name ?? null}
        consequence="is no longer there for workflows that use it."
        onClose={() => setDoomed(null)}
        onDelete={() => (doomed ? remove.mutateAsync({ id: doomed.id }) : Promise.resolve())}
      />
    </>
  );
}
