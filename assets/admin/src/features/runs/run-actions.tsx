import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Menu } from "@mantine/core";
import {
  IconChevronDown,
  IconPlayerSkipForward,
  IconPlayerStop,
  IconRefresh,
  IconTextPlus,
} from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { RunDialog } from "@/domain/flow/run/run-dialog";
import { useCan, useMayTry } from "@/lib/api/me";
import type { JsonObject, ReplayBody, Run, Step, Workflow, WorkflowNode } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { useExecuteWorkflow, useReplay, useStopRun } from "@/lib/api/subjects/runs";
import { titleOf } from "@/lib/flow/graph";
import { loopsAround } from "@/lib/flow/loops";
import { isFinal } from "@/lib/flow/run-state";
import { useTenantLink } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";

/** Stops a run in progress; runs a finished one again, from its start or from the selected step. */
export function RunActions({ run, step }: { run: Run; step: Step | undefined }) {
  const can = useCan();
  const stop = useStopRun();
  if (!can("workflow:execute")) return null;
  if (isFinal(run.status)) return <Replay run={run} step={step} />;
  return (
    <Button
      color="red"
      variant="light"
      leftSection={<IconPlayerStop size={16} />}
      loading={stop.isPending}
      onClick={() =>
        stop.mutate(run.id, {
          onSuccess: () => notify.info(t`Run stopped`),
          onError: (error) => notify.failed(error, t`Could not stop the run`),
        })
      }
    >
      <Trans>Stop</Trans>
    </Button>
  );
}

/** Returns the step to start at: in a loop that is the outermost loop, because single iterations cannot be replayed. */
function firstNode(run: Run, step: Step | undefined) {
  const nodes = run.nodes ?? [];
  const id = step && (loopsAround(nodes).get(step.nodeID)?.at(-1) ?? step.nodeID);
  return nodes.find((node) => node.id === id && node.type !== "start");
}

function Replay({ run, step }: { run: Run; step: Step | undefined }) {
  const link = useTenantLink();
  const navigate = useNavigate();
  const replay = useReplay();
  const execute = useExecuteWorkflow();
  const can = useCan();
  const mayTry = useMayTry("workflow");
  const mayReplay = !run.isTest || mayTry;
  const workflow = useOne("workflow", run.workflowID ?? undefined, { enabled: can("workflow:read") });
  const [asking, setAsking] = useState(false);
  const from = firstNode(run, step);
  const again = (body: ReplayBody) =>
    replay.mutate(
      { instanceID: run.id, ...body },
      {
        onSuccess: ({ instanceID }) => void navigate(link("runs", instanceID)),
        onError: (error) => notify.failed(error, t`Could not start the run`),
      },
    );
  const start = async (input: JsonObject) => {
    const { instanceID } = await execute.mutateAsync({ workflowID: run.workflowID ?? "", input });
    void navigate(link("runs", instanceID));
  };
  const current = workflow.data && workflow.data.version !== run.workflowVersion ? workflow.data : undefined;
  const inputs = run.isTest ? [] : (workflow.data?.inputs ?? []);
  return (
    <>
      <Menu position="bottom-end" width={280}>
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} />}
            rightSection={<IconChevronDown size={14} />}
            loading={replay.isPending}
            disabled={!mayReplay}
            title={
              mayReplay ? undefined : t`Only roles that can create or update workflows can replay test runs`
            }
          >
            <Trans>Replay</Trans>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {current && (
            <Menu.Label>
              {run.workflowVersion ? t`Original version (v${run.workflowVersion})` : t`Original version`}
            </Menu.Label>
          )}
          <Choices useVersion="original" from={from} onPick={again} />
          {current && <CurrentChoices workflow={current} from={from} onPick={again} />}
          {inputs.length > 0 && (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<IconTextPlus size={16} />} onClick={() => setAsking(true)}>
                <Trans>With different input…</Trans>
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {asking && workflow.data && (
        <RunDialog
          title={t`Run ${workflow.data.name} again`}
          verb={t`Run`}
          inputs={inputs}
          earlier={run.input}
          onClose={() => setAsking(false)}
          onRun={start}
        />
      )}
    </>
  );
}

interface ChoicesProps {
  useVersion: "original" | "current";
  from: WorkflowNode | undefined;
  onPick: (body: ReplayBody) => void;
}

function Choices({ useVersion, from, onPick }: ChoicesProps) {
  return (
    <>
      <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => onPick({ useVersion })}>
        <Trans>From the start</Trans>
      </Menu.Item>
      {from && (
        <Menu.Item
          leftSection={<IconPlayerSkipForward size={16} />}
          onClick={() => onPick({ useVersion, fromNodeID: from.id })}
        >
          <Trans>Retry from {titleOf(from)}</Trans>
        </Menu.Item>
      )}
    </>
  );
}

function CurrentChoices({
  workflow,
  from,
  onPick,
}: Omit<ChoicesProps, "useVersion"> & { workflow: Workflow }) {
  const isThere = workflow.nodes.some(({ id, parentID }) => id === from?.id && !parentID);
  return (
    <>
      <Menu.Label>
        <Trans>Current version (v{workflow.version})</Trans>
      </Menu.Label>
      <Choices useVersion="current" from={isThere ? from : undefined} onPick={onPick} />
    </>
  );
}
