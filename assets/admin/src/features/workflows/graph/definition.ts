import type {
  JsonObject,
  Parameter,
  Workflow,
  WorkflowDraft,
  WorkflowEdge,
  WorkflowNode,
  WorkflowTrigger,
} from "@/lib/api/model";

/** The part of a workflow that the editor changes, with undo. */
export interface Definition {
  nodes: WorkflowNode[];
  edges: WorkflowEdge[];
  inputs: Parameter[];
  triggers: WorkflowTrigger[];
  settings: JsonObject;
}

export function workflowDraftOf({
  name,
  description,
  nodes,
  edges,
  inputs,
  triggers,
  settings,
  enabled,
}: Workflow): WorkflowDraft {
  return { name, description, nodes, edges, inputs, triggers, settings, enabled };
}

export const definitionOf = ({ nodes, edges, inputs, triggers, settings }: Definition): Definition => ({
  nodes,
  edges,
  inputs,
  triggers,
  settings,
});
