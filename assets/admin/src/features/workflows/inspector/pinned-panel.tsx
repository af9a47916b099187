import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconPinned, IconPinnedOff } from "@tabler/icons-react";
import { useState } from "react";
import type { Step, WorkflowNode } from "@/lib/api/model";
import { CodeEditor } from "@/ui/code-editor/code-editor";
import type { ChangeDefinition } from "../editor/use-definition";
import { update } from "../graph/commands";

interface PinnedPanelProps {
  node: WorkflowNode;
  /** Its state in the run that is shown. */
  step: Step | undefined;
  change: ChangeDefinition;
  editable: boolean;
}

const write = (value: unknown) => JSON.stringify(value, null, 2);

/** Edits the output that test runs use instead of running the step. */
export function PinnedPanel({ node, step, change, editable }: PinnedPanelProps) {
  const isPinned = node.pinnedOutput !== undefined;
  const [text, setText] = useState(() => (isPinned ? write(node.pinnedOutput) : ""));
  const [broken, setBroken] = useState(false);
  const pin = (value: unknown) =>
    change((graph) => update(graph, node.id, { pinnedOutput: value }), `pinned ${node.id}`);
  const start = (value: unknown) => {
    setText(write(value));
    setBroken(false);
    pin(value);
  };
  const edit = (next: string) => {
    setText(next);
    try {
      pin(JSON.parse(next) as unknown);
      setBroken(false);
    } catch {
      setBroken(true);
    }
  };
  // A large output is not part of the record, and would make the workflow large.
  const hasOutput =
    !step?.outputOmitted && step?.status === "COMPLETED" && step.output !== null && step.output !== undefined;
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        <Trans>
          Test runs use this as the step’s output instead of running the step. Real runs ignore it.
        </Trans>
      </Text>
      {isPinned && (
        <CodeEditor
          ariaLabel={t`Pinned output`}
          language="json"
          value={text}
          onChange={edit}
          readOnly={!editable}
          maxHeight={280}
          minHeight={64}
          error={broken ? t`Enter valid JSON` : undefined}
        />
      )}
      {editable && (
        <Group gap="sm">
          {hasOutput && (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPinned size={14} />}
              onClick={() => start(step.output)}
            >
              <Trans>Pin the output of the shown run</Trans>
            </Button>
          )}
          {isPinned ? (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPinnedOff size={14} />}
              onClick={() => pin(undefined)}
            >
              <Trans>Unpin</Trans>
            </Button>
          ) : (
            <Button size="xs" variant="default" onClick={() => start({})}>
              <Trans>Enter manually</Trans>
            </Button>
          )}
        </Group>
      )}
    </Stack>
  );
}
