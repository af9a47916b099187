import { ReactFlowProvider } from "@xyflow/react";
import { useParams } from "react-router";
import { RecordPage } from "@/domain/records/page/record-page";
import { useNodeTypes } from "@/lib/api/catalog";
import { WorkflowEditor } from "./editor/workflow-editor";

export function EditWorkflow() {
  return (
    <RecordPage kind="workflow" id={useParams().workflowID} needs={useNodeTypes()}>
      {(workflow, types) => (
        <ReactFlowProvider>
          <WorkflowEditor workflow={workflow} types={types} />
        </ReactFlowProvider>
      )}
    </RecordPage>
  );
}
