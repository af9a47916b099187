import { Button } from "@mantine/core";
import { IconPlayerStop, IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useCan } from "@/lib/api/me";
import type { JsonObject, Run } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { useExecuteWorkflow, useStopRun } from "@/lib/api/runs";
import { isFinal } from "@/lib/flow/run-state";
import { useTenantLink } from "@/lib/tenant";
import { RunDialog } from "@/ui/flow/run-dialog";
import { notify } from "@/ui/notify";

/** Stop what runs; run again what is over, with the input that it had. */
export function RunActions({ run }: { run: Run }) {
  const can = useCan();
  const stop = useStopRun();
  if (!can("workflow:execute")) return null;
  if (isFinal(run.status)) return run.workflowID && !run.isTest ? <RunAgain run={run} workflowID={run.workflowID} /> : null;
  return (
    <Button color="red" variant="light" leftSection={<IconPlayerStop size={16} />} loading={stop.isPending} onClick={() => stop.mutate(run.id, { onSuccess: () => notify.info("Stopped"), onError: (error) => notify.failed(error, "Not stopped") })}>
      Stop
    </Button>
  );
}

function RunAgain({ run, workflowID }: { run: Run; workflowID: string }) {
  const link = useTenantLink();
  const navigate = useNavigate();
  const workflow = useOne("workflow", workflowID);
  const execute = useExecuteWorkflow();
  const [asking, setAsking] = useState(false);
  const start = async (input: JsonObject) => {
    const { instanceID } = await execute.mutateAsync({ workflowID, input });
    void navigate(link("runs", instanceID));
  };
  if (!workflow.data) return null;
  const { inputs } = workflow.data;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconRefresh size={16} />}
        loading={execute.isPending}
        onClick={() => (inputs.length ? setAsking(true) : void start({}).catch((error: unknown) => notify.failed(error, "Not started")))}
      >
        Run again
      </Button>
      {asking && <RunDialog title={`Run ${workflow.data.name} again`} verb="Run" inputs={inputs} earlier={run.input} onClose={() => setAsking(false)} onRun={start} />}
    </>
  );
}
