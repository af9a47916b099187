import { fieldText } from "@/lib/api/texts/error-texts";
import type { ErrorDetail, Problem, WorkflowNode } from "@/lib/api/model";
import type { Graph } from "@/lib/flow/graph";
import { isEqual } from "@/lib/schema/merge-patch";
import { fieldErrors, normalizePath, type FieldErrors } from "@/lib/schema/paths";

const IN_TRIGGER = /^triggers\[\d+\]/;
const IN_NODE = /^nodes\[(\d+)\](?:\.(.*))?$/;

/** Converts the details of a rejected request to problems of the nodes that were sent. */
export function problemsOfDetails(
  details: readonly ErrorDetail[],
  nodes: readonly WorkflowNode[],
): Problem[] {
  return details.map(({ path, message }) => {
    const index = IN_NODE.exec(normalizePath(path))?.[1];
    const nodeID = index === undefined ? undefined : nodes[Number(index)]?.id;
    return { severity: "error", path, message, ...(nodeID ? { nodeID } : {}) };
  });
}

const essence = ({ type, name, config, settings }: WorkflowNode) => ({ type, name, config, settings });

/** Returns the problems that probably still apply: their step exists and has not changed since the check. */
export function presentProblems(
  problems: readonly Problem[],
  checked: readonly WorkflowNode[],
  nodes: readonly WorkflowNode[],
): Problem[] {
  const before = new Map(checked.map((node) => [node.id, node]));
  const now = new Map(nodes.map((node) => [node.id, node]));
  return problems.filter(({ nodeID }) => {
    if (!nodeID) return true;
    const [was, is] = [before.get(nodeID), now.get(nodeID)];
    return is !== undefined && (was === undefined || was === is || isEqual(essence(was), essence(is)));
  });
}

/** Returns the steps that have been added since the last save or check. */
export function newSteps(nodes: readonly WorkflowNode[], ...earlier: Graph[]): ReadonlySet<string> {
  const known = new Set(earlier.flatMap((graph) => graph.nodes.map(({ id }) => id)));
  return new Set(nodes.flatMap(({ id }) => (known.has(id) ? [] : [id])));
}

/** Whether something relevant has changed since a check; positions do not matter. */
export function isStale(checked: Graph, now: Graph): boolean {
  if (
    checked.nodes.length !== now.nodes.length ||
    (checked.edges !== now.edges && !isEqual(checked.edges, now.edges))
  )
    return true;
  return now.nodes.some((node, index) => {
    const was = checked.nodes[index];
    return was !== node && (was?.id !== node.id || !isEqual(essence(was), essence(node)));
  });
}

export const isError = ({ severity }: Problem): boolean => severity === "error";

/** Returns the messages for the forms of triggers, by full path: `triggers[0].cron`. */
export function errorsOfTriggers(problems: readonly Problem[]): FieldErrors {
  return fieldErrors(
    problems
      .filter((problem) => isError(problem) && IN_TRIGGER.test(problem.path ?? ""))
      .map(({ path, message }) => ({ path: path ?? "", message: fieldText(message) })),
  );
}

/** Returns the messages for the workflow's own settings: `settings.errorWorkflowID`. */
export function errorsOfSettings(problems: readonly Problem[]): FieldErrors {
  return fieldErrors(
    problems
      .filter((problem) => isError(problem) && problem.path?.startsWith("settings."))
      .map(({ path, message }) => ({ path: path ?? "", message: fieldText(message) })),
  );
}

/** Returns the messages for one node's form, by path within the node: `config.queryID`. */
export function errorsWithin(problems: readonly Problem[], nodeID: string): FieldErrors {
  const errors: FieldErrors = {};
  for (const problem of problems) {
    if (problem.nodeID !== nodeID || !problem.path || !isError(problem)) continue;
    const path = IN_NODE.exec(normalizePath(problem.path))?.[2] ?? "";
    const text = fieldText(problem.message);
    if (path) errors[path] = errors[path] ? `${errors[path]}; ${text}` : text;
  }
  return errors;
}
