import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Code, Group, Text } from "@mantine/core";
import { IconLock, IconPencil, IconVariable } from "@tabler/icons-react";
import { useState } from "react";
import { RecordListPage } from "@/domain/records/page/record-list-page";
import type { ListColumn } from "@/domain/records/resource-list";
import { useCan } from "@/lib/api/me";
import type { Variable } from "@/lib/api/model";
import { showValue } from "@/lib/schema/free-value";
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
  const [edited, setEdited] = useState<Variable | "new" | null>(null);
  return (
    <RecordListPage
      kind="variable"
      columns={columns}
      create={{ label: t`New variable`, onClick: () => setEdited("new") }}
      empty={{
        icon: IconVariable,
        title: t`No variables yet`,
        text: t`URLs, tokens and other values that workflows share. Use them in expressions as vars.name.`,
      }}
      own={(variable) =>
        can("variable:update")
          ? [{ label: t`Edit`, icon: <IconPencil size={16} />, onClick: () => setEdited(variable) }]
          : []
      }
      defaultSort="name"
    >
      <VariableDialog variable={edited} onClose={() => setEdited(null)} />
    </RecordListPage>
  );
}
