import { t } from "@lingui/core/macro";
import type { NodeType, WorkflowEdge, WorkflowNode } from "@/lib/api/model";
import { handleOf } from "./graph";

export interface FlowHandle {
  id: string;
  label: string;
  /** The handle no longer exists, but an edge still uses it. */
  stale?: boolean;
}

const DEFAULT = "default";
const ERROR = "error";

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** Returns the handles of a list in the config: one for each entry with an id. */
function dynamicHandles(node: WorkflowNode, list: string): FlowHandle[] {
  const entries = node.config[list];
  if (!Array.isArray(entries)) return [];
  return entries
    .filter(isRecord)
    .flatMap(({ id, label }) =>
      typeof id === "string" && id ? [{ id, label: typeof label === "string" && label ? label : id }] : [],
    );
}

/** Returns a node's handles: its own branches first, then those of its type, and the error handle if enabled. */
export function handlesOf(node: WorkflowNode, type: NodeType | undefined): FlowHandle[] {
  if (!type) return [{ id: "out", label: t`Next` }];
  const dynamic = type.dynamicHandles ? dynamicHandles(node, type.dynamicHandles) : [];
  const fixed = type.handles.filter(({ id }) => id !== ERROR);
  const otherwise =
    type.dynamicHandles && !fixed.some(({ id }) => id === DEFAULT)
      ? [{ id: DEFAULT, label: t`Otherwise` }]
      : [];
  const error =
    node.settings?.onError === "branch"
      ? [type.handles.find(({ id }) => id === ERROR) ?? { id: ERROR, label: t`On error` }]
      : [];
  return [...dynamic, ...fixed, ...otherwise, ...error];
}

/** Also returns handles that only edges still use: they must be visible to be fixed. */
export function drawnHandles(
  node: WorkflowNode,
  type: NodeType | undefined,
  edges: readonly WorkflowEdge[],
): FlowHandle[] {
  const handles = handlesOf(node, type);
  const used = new Set(edges.filter(({ source }) => source === node.id).map(handleOf));
  for (const { id } of handles) used.delete(id);
  return [...handles, ...[...used].map((id) => ({ id, label: id, stale: true }))];
}
