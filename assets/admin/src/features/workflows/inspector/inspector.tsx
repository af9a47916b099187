import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconCopy, IconTrash } from "@tabler/icons-react";
import type { NodeType, Problem, Step, Workflow, WorkflowNode } from "@/lib/api/model";
import { START } from "@/lib/flow/graph";
import type { GraphActions } from "../canvas/use-graph-actions";
import type { DefinitionEditor } from "../editor/use-definition";
import { copied } from "../graph/pieces";
import classes from "../workflows.module.css";
import { NodePanel } from "./node-panel";
import { WorkflowPanel } from "./workflow-panel";

export interface InspectorProps {
  /** The saved workflow. */
  workflow: Workflow;
  editor: DefinitionEditor;
  actions: GraphActions;
  types: readonly NodeType[];
  selected: readonly WorkflowNode[];
  problems: readonly Problem[];
  /** The last completed execution of each step: examples for expressions, and outputs to pin. */
  steps: readonly Step[];
  editable: boolean;
  /** Opens a step at full width. */
  onOpen: (nodeID: string) => void;
  /** Tests a step alone, with the outputs that are known. */
  onRun: (nodeID: string) => void;
  /** Saves the workflow and enables it. */
  onEnable: () => void;
  description: string;
  onDescription: (text: string) => void;
}

/** Edits what is selected on the canvas: a step, several steps, or the workflow. */
export function Inspector(props: InspectorProps) {
  const { selected } = props;
  const [node] = selected;
  return (
    <aside className={classes.inspector} aria-label={t`Inspector`}>
      {selected.length > 1 ? (
        <ManyPanel {...props} />
      ) : node ? (
        <NodePanel
          key={node.id}
          {...props}
          node={node}
          type={props.types.find(({ type }) => type === node.type)}
        />
      ) : (
        <WorkflowPanel {...props} />
      )}
    </aside>
  );
}

function ManyPanel({ selected, editor, actions, editable }: InspectorProps) {
  const ids = new Set(selected.filter(({ type }) => type !== START).map(({ id }) => id));
  return (
    <Stack p="lg" gap="md">
      <Text fw={600}>{plural(selected.length, { one: "# step selected", other: "# steps selected" })}</Text>
      {editable && ids.size > 0 && (
        <Group gap="sm">
          <Button
            variant="default"
            leftSection={<IconCopy size={16} />}
            onClick={() => actions.paste(copied(editor.definition, ids), { by: 32 })}
          >
            <Trans>Duplicate</Trans>
          </Button>
          <Button variant="default" leftSection={<IconTrash size={16} />} onClick={() => actions.remove(ids)}>
            <Trans>Delete</Trans>
          </Button>
        </Group>
      )}
      <Text size="sm" c="dimmed">
        <Trans>Drag to move them together. You can also copy and paste between workflows.</Trans>
      </Text>
    </Stack>
  );
}
