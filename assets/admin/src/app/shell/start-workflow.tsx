import { t } from "@lingui/core/macro";
import { useEffect, useEffectEvent } from "react";
import { useNavigate } from "react-router";
import { RunDialog } from "@/domain/flow/run/run-dialog";
import type { JsonObject } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { useExecuteWorkflow } from "@/lib/api/subjects/runs";
import { useTenantLink } from "@/lib/tenant";
import { notify } from "@/ui/feedback/notify";

/**
 * Starts a workflow from any page and shows its run. A workflow may change anything, so it always asks first, with its
 * inputs.
 */
export function StartWorkflow({ workflowID, onClose }: { workflowID: string; onClose: () => void }) {
  const link = useTenantLink();
  const navigate = useNavigate();
  const execute = useExecuteWorkflow();
  const { data: workflow, error } = useOne("workflow", workflowID);
  const start = async (input: JsonObject) => {
    const { instanceID } = await execute.mutateAsync({ workflowID, input });
    void navigate(link("runs", instanceID));
  };
  const fail = useEffectEvent(() => {
    onClose();
    notify.failed(error, t`Could not start the workflow`);
  });

  useEffect(() => {
    if (error) fail();
  }, [error]);

  if (!workflow) return null;
  return (
    <RunDialog
      title={t`Run ${workflow.name}`}
      verb={t`Run`}
      inputs={workflow.inputs}
      {...(workflow.inputs.length ? {} : { about: t`This workflow has no inputs. It runs for real.` })}
      onClose={onClose}
      onRun={start}
    />
  );
}
