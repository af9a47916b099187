import { t } from "@lingui/core/macro";
import type { NodeType, Problem, WorkflowNode } from "@/lib/api/model";
import { isEqual } from "@/lib/schema/merge-patch";
import { joinPath } from "@/lib/schema/paths";
import { validate } from "@/lib/schema/validate";
import { initialNodeConfig } from "../graph/commands";
import type { Definition } from "../graph/definition";

/** What the editor knows beyond the graph. */
export interface Surroundings {
  /** Whether triggers start runs. */
  enabled: boolean;
  /** Whether the server can send email; undefined while unknown. */
  sendsMail: boolean | undefined;
  can: (permission: string) => boolean;
  types: readonly NodeType[];
  /** The steps that have been added since the last save or test. */
  fresh?: ReadonlySet<string>;
}

const warning = (path: string, message: string, nodeID?: string): Problem => ({
  severity: "warning",
  path,
  message,
  ...(nodeID ? { nodeID } : {}),
});

/** What the author of a step of this type must be allowed to do. */
const needed: Record<string, string> = { dataQuery: "dataquery:execute", subWorkflow: "workflow:execute" };

function problemsOfNode(node: WorkflowNode, at: string, { sendsMail, can }: Surroundings): Problem[] {
  const permissions = [
    ...(needed[node.type] ? [needed[node.type] ?? ""] : []),
    ...(/\bvars\b/.test(JSON.stringify(node.config)) ? ["variable:read"] : []),
  ].filter((permission) => !can(permission));
  return [
    ...(node.type === "email" && sendsMail === false
      ? [
          warning(
            `${at}.type`,
            t`Fails when it runs: this server cannot send email. Ask the person who runs it to set it up.`,
            node.id,
          ),
        ]
      : []),
    ...permissions.map((permission) =>
      warning(
        `${at}.type`,
        t`Your role needs the permission ${permission} to test or save this step.`,
        node.id,
      ),
    ),
  ];
}

const isEmpty = (value: unknown) =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);

/** Returns the value at a path such as `branches[0].name`. */
const valueAt = (value: unknown, path: string): unknown =>
  path
    .split(/[.[\]]+/)
    .filter(Boolean)
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], value);

/**
 * Returns the required fields of a step that are empty, so that they are known before a save. An empty field of a new
 * step is not yet a mistake.
 */
function emptyFields({ id, type, config }: WorkflowNode, at: string, around: Surroundings): Problem[] {
  const known = around.types.find((one) => one.type === type);
  if (!known) return [];
  const initial = around.fresh?.has(id) ? initialNodeConfig(known) : null;
  const isUntouched = (path: string) =>
    initial !== null && isEqual(valueAt(config, path), valueAt(initial, path));
  return Object.entries(validate(known.configSchema, config))
    .filter(([path]) => isEmpty(valueAt(config, path)))
    .map(([path, message]) => ({
      severity: isUntouched(path) ? "hint" : "error",
      path: joinPath(`${at}.config`, path),
      message,
      nodeID: id,
    }));
}

/** Fields of which a step requires one. The schema cannot tell: it requires neither of them. */
const alternatives: Record<string, readonly string[]> = { delay: ["for", "until"] };

/** Returns the first of the alternative fields of a step that are all empty. */
function emptyAlternatives(
  { id, type, config }: WorkflowNode,
  at: string,
  { fresh }: Surroundings,
): Problem[] {
  const names = alternatives[type];
  if (!names?.every((name) => isEmpty(config[name]))) return [];
  return [
    {
      severity: fresh?.has(id) ? "hint" : "error",
      path: joinPath(`${at}.config`, names[0] ?? ""),
      message: t`This field is required.`,
      nodeID: id,
    },
  ];
}

/** Returns what would surprise in a run, and is known before anything is saved. */
export function localProblems({ nodes, triggers }: Definition, around: Surroundings): Problem[] {
  return [
    ...nodes.flatMap((node, index) =>
      node.settings?.disabled === true
        ? []
        : [
            ...problemsOfNode(node, `nodes[${index}]`, around),
            ...emptyFields(node, `nodes[${index}]`, around),
            ...emptyAlternatives(node, `nodes[${index}]`, around),
          ],
    ),
    ...(triggers.length > 0 && !around.enabled
      ? [warning("enabled", t`The workflow is disabled, so its triggers start no runs.`)]
      : []),
    ...triggers.flatMap((trigger, index) =>
      trigger.enabled === false
        ? [warning(`triggers[${index}]`, t`This trigger is disabled and starts no runs.`)]
        : [],
    ),
  ];
}

/** Adds what the editor itself has found, unless the server has found the same. */
export function withLocal(found: readonly Problem[], local: readonly Problem[]): Problem[] {
  const isKnown = (problem: Problem) =>
    found.some(({ nodeID, path }) => nodeID && nodeID === problem.nodeID && path === problem.path);
  return [...found, ...local.filter((problem) => !isKnown(problem))];
}
