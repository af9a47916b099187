import type { ErrorDetail, Problem, WorkflowNode } from "@/lib/api/model";
import { normalizePath, type FieldErrors } from "@/lib/paths";

const IN_NODE = /^nodes\[(\d+)\](?:\.(.*))?$/;

/** A refused request's details, as problems of the nodes that were sent. */
export function problemsOfDetails(details: readonly ErrorDetail[], nodes: readonly WorkflowNode[]): Problem[] {
  return details.map(({ path, message }) => {
    const index = IN_NODE.exec(normalizePath(path))?.[1];
    const nodeID = index === undefined ? undefined : nodes[Number(index)]?.id;
    return { severity: "error", path, message, ...(nodeID ? { nodeID } : {}) };
  });
}

/** Those that still have something to point at. */
export function presentProblems(problems: readonly Problem[], nodes: readonly WorkflowNode[]): Problem[] {
  const ids = new Set(nodes.map(({ id }) => id));
  return problems.filter(({ nodeID }) => !nodeID || ids.has(nodeID));
}

export const isError = ({ severity }: Problem): boolean => severity !== "warning";

/** The messages for one node's form by their path within the node: `config.queryID`. */
export function errorsWithin(problems: readonly Problem[], nodeID: string): FieldErrors {
  const errors: FieldErrors = {};
  for (const problem of problems) {
    if (problem.nodeID !== nodeID || !problem.path || !isError(problem)) continue;
    const path = IN_NODE.exec(normalizePath(problem.path))?.[2] ?? "";
    if (path) errors[path] = errors[path] ? `${errors[path]}; ${problem.message}` : problem.message;
  }
  return errors;
}
