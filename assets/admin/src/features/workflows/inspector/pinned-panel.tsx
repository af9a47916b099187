import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconPinned, IconPinnedOff } from "@tabler/icons-react";
import type { Step, WorkflowNode } from "@/lib/api/model";
import { useDraft, type Meaning } from "@/lib/draft";
import { parseJson } from "@/lib/format/exact-json";
import { CodeEditor } from "@/ui/code-editor/code-editor";
import type { ChangeDefinition } from "../editor/use-definition";
import { update } from "../graph/commands";

interface PinnedPanelProps {
  node: WorkflowNode;
  /** Its state in the run that is shown. */
  step: Step | undefined;
  change: ChangeDefinition;
}

const print = (value: unknown) => (value === undefined ? "" : JSON.stringify(value, null, 2));

function parse(text: string): Meaning<unknown> {
  try {
    return { value: parseJson(text) };
  } catch {
    return { broken: t`Enter valid JSON` };
  }
}

/** Edits the output that test runs use instead of running the step. */
export function PinnedPanel({ node, step, change }: PinnedPanelProps) {
  const isPinned = node.pinnedOutput !== undefined;
  const pin = (value: unknown) =>
    change((graph) => update(graph, node.id, { pinnedOutput: value }), `pinned ${node.id}`);
  const { draft, broken, change: edit } = useDraft({ value: node.pinnedOutput, print, parse, onChange: pin });
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
          value={draft}
          onChange={edit}
          maxHeight={280}
          minHeight={64}
          error={broken ?? undefined}
        />
      )}
      <Group gap="sm">
        {hasOutput && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPinned size={14} />}
            onClick={() => pin(step.output)}
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
          <Button size="xs" variant="default" onClick={() => pin({})}>
            <Trans>Enter manually</Trans>
          </Button>
        )}
      </Group>
    </Stack>
  );
}
