import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Group, Select, Stack, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { NodeType, WorkflowNode } from "@/lib/api/model";
import { handleOf, titleOf, titlesOf } from "@/lib/flow/graph";
import { drawnHandles } from "@/lib/flow/handles";
import type { DefinitionEditor } from "../editor/use-definition";
import { connect, remove, targetsOf } from "../graph/commands";

interface ConnectionsPanelProps {
  node: WorkflowNode;
  type: NodeType | undefined;
  editor: DefinitionEditor;
}

/** Edits the outgoing connections of a step without the mouse. */
export function ConnectionsPanel({ node, type, editor: { definition, change } }: ConnectionsPanelProps) {
  const handles = drawnHandles(node, type, definition.edges);
  const titles = titlesOf(definition.nodes);
  if (handles.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        <Trans>No steps follow.</Trans>
      </Text>
    );
  }
  return (
    <Stack gap="md">
      {handles.map(({ id: handle, label, stale }) => {
        const edges = definition.edges.filter((edge) => edge.source === node.id && handleOf(edge) === handle);
        const targets = !stale ? targetsOf(definition, node.id, handle) : [];
        return (
          <Stack key={handle} gap={4}>
            <Text size="sm" fw={500} {...(stale ? { c: "red" } : {})}>
              {stale ? t`${label}: this output no longer exists` : label}
            </Text>
            {edges.map((edge) => (
              <Group key={edge.id} gap="xs" wrap="nowrap" justify="space-between">
                <Text size="sm" truncate>
                  → {titles.get(edge.target) ?? edge.target}
                </Text>
                <ActionIcon
                  aria-label={t`Disconnect ${titles.get(edge.target) ?? edge.target}`}
                  onClick={() => change((graph) => remove(graph, new Set(), new Set([edge.id])))}
                >
                  <IconX size={14} />
                </ActionIcon>
              </Group>
            ))}
            {targets.length > 0 && (
              <Select
                size="xs"
                aria-label={t`Connect ${label} to`}
                placeholder={t`Connect to…`}
                searchable
                value={null}
                data={targets.map((target) => ({ value: target.id, label: titleOf(target) }))}
                onChange={(target) =>
                  target && change((graph) => connect(graph, { source: node.id, handle, target }))
                }
              />
            )}
          </Stack>
        );
      })}
    </Stack>
  );
}
