import { t } from "@lingui/core/macro";
import { useEffect, useEffectEvent } from "react";
import { useNavigate } from "react-router";
import type { JsonObject } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { useExecuteWorkflow } from "@/lib/api/runs";
import { useTenantLink } from "@/lib/tenant";
import { RunDialog } from "@/ui/flow/run-dialog";
import { notify } from "@/ui/notify";

/** Starts a workflow from anywhere and shows its run; asks for its inputs when it has some. */
export function StartWorkflow({ workflowID, onClose }: { workflowID: string; onClose: () => void }) {
  const link = useTenantLink();
  const navigate = useNavigate();
  const execute = useExecuteWorkflow();
  const { data: workflow, error } = useOne("workflow", workflowID);
  const start = async (input: JsonObject) => {
    const { instanceID } = await execute.mutateAsync({ workflowID, input });
    void navigate(link("runs", instanceID));
  };
  const asks = workflow && workflow.inputs.length > 0;
  const startNow = useEffectEvent(() => {
    onClose();
    void start({}).catch((failure: unknown) => notify.failed(failure, t`The workflow did not start`));
  });
  const fail = useEffectEvent(() => {
    onClose();
    notify.failed(error, t`The workflow did not start`);
  });

  useEffect(() => {
    if (error) fail();
    else if (asks === false) startNow();
  }, [asks, error]);

  if (!asks) return null;
  return <RunDialog title={t`Run ${workflow.name}`} verb={t`Run`} inputs={workflow.inputs} onClose={onClose} onRun={start} />;
}
