import { t } from "@lingui/core/macro";
import type { NodeType, WorkflowEdge, WorkflowNode } from "@/lib/api/model";
import { handleOf } from "./graph";

export interface FlowHandle {
  id: string;
  label: string;
  /** No longer there, but an edge still leaves through it. */
  stale?: boolean;
}

const DEFAULT = "default";
const ERROR = "error";

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** The handles that a list in the config makes: one for each entry that has an id. */
function dynamicHandles(node: WorkflowNode, list: string): FlowHandle[] {
  const entries = node.config[list];
  if (!Array.isArray(entries)) return [];
  return entries.filter(isRecord).flatMap(({ id, label }) => (typeof id === "string" && id ? [{ id, label: typeof label === "string" && label ? label : id }] : []));
}

/** Where edges may leave a node: its own branches first, then what its type has, the error way only when asked for. */
export function handlesOf(node: WorkflowNode, type: NodeType | undefined): FlowHandle[] {
  if (!type) return [{ id: "out", label: t`Next` }];
  const dynamic = type.dynamicHandles ? dynamicHandles(node, type.dynamicHandles) : [];
  const fixed = type.handles.filter(({ id }) => id !== ERROR);
  const otherwise = type.dynamicHandles && !fixed.some(({ id }) => id === DEFAULT) ? [{ id: DEFAULT, label: t`Otherwise` }] : [];
  const error = node.settings?.onError === "branch" ? [type.handles.find(({ id }) => id === ERROR) ?? { id: ERROR, label: t`On error` }] : [];
  return [...dynamic, ...fixed, ...otherwise, ...error];
}

/** The same, and those that only edges remember: they must be seen to be mended. */
export function drawnHandles(node: WorkflowNode, type: NodeType | undefined, edges: readonly WorkflowEdge[]): FlowHandle[] {
  const handles = handlesOf(node, type);
  const used = new Set(edges.filter(({ source }) => source === node.id).map(handleOf));
  for (const { id } of handles) used.delete(id);
  return [...handles, ...[...used].map((id) => ({ id, label: id, stale: true }))];
}
