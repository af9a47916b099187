import type { JsonObject, Parameter, Workflow, WorkflowDraft, WorkflowEdge, WorkflowNode } from "@/lib/api/model";

/** What the editor changes step by step, and what undo gives back. */
export interface Definition {
  nodes: WorkflowNode[];
  edges: WorkflowEdge[];
  inputs: Parameter[];
  settings: JsonObject;
}

export function toDraft({ name, description, nodes, edges, inputs, triggers, settings, enabled }: Workflow): WorkflowDraft {
  return { name, description, nodes, edges, inputs, triggers, settings, enabled };
}

export const definitionOf = ({ nodes, edges, inputs, settings }: Definition): Definition => ({ nodes, edges, inputs, settings });
