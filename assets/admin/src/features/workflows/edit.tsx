import { Skeleton, Stack } from "@mantine/core";
import { ReactFlowProvider } from "@xyflow/react";
import { useParams } from "react-router";
import { WhileThere } from "@/domain/records/while-there";
import { useNodeTypes } from "@/lib/api/catalog";
import { failureOf, isApiError } from "@/lib/api/errors";
import { useOne } from "@/lib/api/resources";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { NotFound } from "@/ui/page/plain-page";
import { WorkflowEditor } from "./editor/workflow-editor";

export function EditWorkflow() {
  const { workflowID } = useParams();
  const workflow = useOne("workflow", workflowID);
  const types = useNodeTypes();
  const error = failureOf(workflow, types);
  if (isApiError(error, "NOT_FOUND")) return <NotFound />;
  if (error)
    return (
      <ErrorPanel
        page
        error={error}
        onRetry={() => void Promise.all([workflow.refetch(), types.refetch()])}
      />
    );
  if (!workflow.data || !types.data) {
    return (
      <Stack p="xl" gap="md" aria-busy>
        <Skeleton h={28} w={280} />
        <Skeleton h={420} />
      </Stack>
    );
  }
  return (
    <WhileThere error={workflow.error}>
      <ReactFlowProvider key={workflow.data.id}>
        <WorkflowEditor workflow={workflow.data} types={types.data} />
      </ReactFlowProvider>
    </WhileThere>
  );
}
