import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Button, Group, Loader, Stack, Text } from "@mantine/core";
import { IconAntenna, IconHistory } from "@tabler/icons-react";
import { useState } from "react";
import { ValueView } from "@/domain/flow/run/value-view";
import type { Run } from "@/lib/api/model";
import { useList, useOne } from "@/lib/api/resources";
import { isObject } from "@/lib/is-object";
import { WebhookAddress } from "../triggers/webhook-address";
import type { StepViewProps } from "./step-view";

/** The input of the next test: what an earlier run got, or the next call of a webhook. */
export function SamplePane(props: StepViewProps) {
  const { workflow, editor, runs } = props;
  const latest = useList("instance", { workflowID: workflow.id, limit: 1 });
  const [taken, setTaken] = useState<string>();
  const run = useOne("instance", taken);
  const input = (run.data as Run | undefined)?.input;
  const [applied, setApplied] = useState<unknown>();
  if (isObject(input) && input !== applied) {
    setApplied(input);
    runs.setSample(input);
  }
  const [last] = latest.items ?? [];
  const hook = editor.definition.triggers.some(({ type }) => type === "webhook");
  return (
    <Stack p="lg" gap="lg" align="flex-start">
      <Text size="sm" c="dimmed">
        <Trans>Tests start with this input.</Trans>
      </Text>
      {hook && <Listen {...props} onCall={setTaken} />}
      {last && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconHistory size={14} />}
          onClick={() => setTaken(last.id)}
        >
          <Trans>Use the input of the latest run</Trans>
        </Button>
      )}
      <div style={{ width: "100%" }}>
        <ValueView value={runs.sample} label={t`Run input`} empty={t`No input yet.`} />
      </div>
    </Stack>
  );
}

/** Waits for the next call of the workflow's webhook, whose run also happens for real. */
function Listen({
  workflow,
  editable,
  onEnable,
  onCall,
}: StepViewProps & { onCall: (runID: string) => void }) {
  const calls = useList("instance", { workflowID: workflow.id, trigger: "webhook", limit: 1 });
  const newest = calls.items?.[0]?.id;
  /** The newest call when the waiting began; undefined while not waiting. */
  const [since, setSince] = useState<string | null>();
  const arrived = since !== undefined && newest !== undefined && newest !== since;
  if (arrived) {
    setSince(undefined);
    onCall(newest);
  }
  if (!workflow.enabled)
    return (
      <Alert color="yellow" variant="light" title={t`This workflow is disabled`} w="100%">
        <Stack gap="sm" align="flex-start">
          <Text size="sm">
            <Trans>Calls are answered with 404 until it is enabled.</Trans>
          </Text>
          {editable && (
            <Button size="xs" variant="default" onClick={onEnable}>
              <Trans>Enable workflow</Trans>
            </Button>
          )}
        </Stack>
      </Alert>
    );
  const hooks = (workflow.triggerStates ?? []).filter(({ path }) => path);
  return (
    <Stack gap="sm" w="100%">
      {since === undefined ? (
        <Group>
          <Button
            leftSection={<IconAntenna size={16} />}
            disabled={calls.isLoading}
            onClick={() => setSince(newest ?? null)}
          >
            <Trans>Listen for a test call</Trans>
          </Button>
        </Group>
      ) : (
        <Group gap="sm" role="status">
          <Loader size="xs" />
          <Text size="sm">
            <Trans>Waiting for a call. It also starts a real run.</Trans>
          </Text>
          <Button size="xs" variant="default" onClick={() => setSince(undefined)}>
            <Trans>Stop listening</Trans>
          </Button>
        </Group>
      )}
      {hooks.map((state) => (
        <WebhookAddress key={state.id} workflowID={workflow.id} state={state} editable={false} />
      ))}
    </Stack>
  );
}
