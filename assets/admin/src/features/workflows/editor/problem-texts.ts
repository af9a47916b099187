import { t } from "@lingui/core/macro";
import { fieldText } from "@/lib/api/texts/error-texts";
import type { NodeType, Problem, WorkflowNode } from "@/lib/api/model";
import { titleOf } from "@/lib/flow/graph";
import { labelsAt } from "@/lib/schema/labels";
import { normalizePath } from "@/lib/schema/paths";
import { settingsSchema } from "../inspector/node-form-schema";

/** How a message of the server's check is recognized, and what it is for people. */
type Text = readonly [pattern: RegExp, text: (...found: string[]) => string];

const texts: readonly Text[] = [
  [/^has no start node:/, () => t`There is no start step. Add one and connect it to the first step.`],
  [
    /^`(.*)` is a second start node in addition to `(.*)`:/,
    (name, first) => t`${name} is a second start step besides ${first}. Delete one of them.`,
  ],
  [/^no node has the id `/, () => t`A connection leads nowhere. Delete it, or connect it to a step.`],
  [/^no edge can lead to the start node$/, () => t`Nothing can lead to the start step.`],
  [
    /^`(.*)` has no handle `(.*)`:/,
    (name, handle) => t`${name} no longer has the output ${handle}. Delete the connection, or draw it again.`,
  ],
  [
    /^is never taken: set `onError` of `(.*)` to branch$/,
    (name) =>
      t`The error branch of ${name} is never taken. Set “On error” in its settings to continue on the error branch.`,
  ],
  [
    /^is `branch`, but no edge leaves the error handle:/,
    () => t`Nothing is connected to the error branch, so an error would end this path without a notice.`,
  ],
  [/^cannot be `branch`:/, () => t`Steps of this type have no error branch. Select another option.`],
  [
    /^has no effect without `maxConcurrentRuns`:/,
    () => t`Has no effect without a concurrency limit. Set one, or remove this setting.`,
  ],
  [
    /^must not form a cycle: (.*)\. Delete one/,
    (names) => t`The steps form a cycle: ${names}. Delete a connection, or use a loop to repeat steps.`,
  ],
  [
    /^`(.*)` cannot be reached from the start node:/,
    (name) => t`${name} cannot be reached from the start step and will be skipped.`,
  ],
  [/^`(.*)` is not a node type;/, (type) => t`This server has no step type ${type}.`],
  [
    /^waits for (\d+) branches, but only (\d+) lead to it:/,
    (wanted, there) =>
      t`Waits for ${wanted} branches, but only ${there} lead to it, so it would never continue.`,
  ],
  [
    /^`(.*)` must be an identifier such as /,
    (name) => t`${name} cannot be used in expressions. Rename the step.`,
  ],
  [/^`(.*)` is also the name of the /, (name) => t`Another step is also named ${name}. Rename one of them.`],
  [/^has no effect on a \S+ step:/, () => t`Has no effect on steps of this type. Remove this setting.`],
  [
    /^`(.*)` will fail: this server does not send email;/,
    () => t`Fails when it runs: this server cannot send email. Ask the person who runs it to set it up.`,
  ],
  [
    /^`.*` is not a loop of this workflow:/,
    () => t`The loop around this step no longer exists. Move the step out.`,
  ],
  [
    /^`(.*)` is in more than (\d+) loops/,
    (name, most) => t`${name} is inside more than ${most} loops. Move it out.`,
  ],
  [
    /^a \S+ node starts or ends the whole run:/,
    () => t`This step starts or ends the whole run. Move it out of the loop.`,
  ],
  [/^`(.*)` is empty: move the steps/, (name) => t`${name} is empty. Move the steps to repeat into it.`],
  [
    /^`(.*)` is inside `(.*)` and starts automatically:/,
    (name, loop) => t`${name} is inside ${loop} and starts automatically. Delete this connection.`,
  ],
  [
    /^`(.*)` and `(.*)` are not in the same loop:/,
    (from, to) => t`${from} and ${to} are not in the same loop. Connect the loop itself.`,
  ],
  [/^`(.*)` cannot use its own output$/, (name) => t`${name} cannot use its own output.`],
  [
    /^`(.*)` runs once for each item inside `(.*)`:/,
    (name, loop) =>
      t`${name} runs once for each item of ${loop}. Use the output of the loop, the list of its results.`,
  ],
  [
    /^`(steps\.\w+)` is not available here:/,
    (path) => t`${path} is not available here, because no path leads from that step to this one.`,
  ],
  [
    /^no step is named `([^`]*)`(?:.*did you mean `([^`]*)`.*)?/,
    (name, meant) =>
      meant ? t`No step is named ${name}. Did you mean ${meant}?` : t`No step is named ${name}.`,
  ],
  [
    /^the workflow has no input `([^`]*)`; its inputs are (.*)$/,
    (name, inputs) => t`The workflow has no input ${name}. Its inputs are ${inputs}.`,
  ],
];

/** Replaces the names of steps, which the server puts between backticks or arrows, by their titles. */
function withTitles(message: string, nodes: readonly WorkflowNode[]): string {
  const titles = new Map(nodes.flatMap((node) => (node.title ? [[node.name, titleOf(node)]] : [])));
  if (titles.size === 0) return message;
  const named = (whole: string, name: string) => (titles.has(name) ? `\`${titles.get(name)}\`` : whole);
  return message.replace(/`(\w+)`/g, named).replace(/\w+(?: → \w+)+/g, (path) =>
    path
      .split(" → ")
      .map((name) => titles.get(name) ?? name)
      .join(" → "),
  );
}

/** Returns the message of a problem for people; one that is not known stays as it is. */
export function problemText(message: string, nodes: readonly WorkflowNode[]): string {
  const titled = withTitles(message, nodes);
  for (const [pattern, text] of texts) {
    const match = pattern.exec(titled);
    if (match) return text(...match.slice(1));
  }
  return fieldText(titled);
}

const ofWorkflow: Record<string, string> = {
  "settings.timeoutSeconds": t`Timeout (s)`,
  "settings.maxConcurrentRuns": t`Concurrency limit`,
  "settings.whenFull": t`When the limit is reached`,
  "settings.errorWorkflowID": t`Workflow to run on failure`,
};

/** Returns the field that a problem is about as the editor labels it; empty if it is about a whole step. */
export function fieldLabel(
  { path }: Problem,
  node: WorkflowNode | undefined,
  types: readonly NodeType[],
): string {
  const whole = normalizePath(path ?? "");
  if (ofWorkflow[whole]) return ofWorkflow[whole];
  const trigger = /^triggers\[(\d+)\]/.exec(whole)?.[1];
  if (trigger !== undefined) return t`Trigger ${Number(trigger) + 1}`;
  const [part, ...keys] = (/^nodes\[\d+\]\.(.*)$/.exec(whole)?.[1] ?? "").split(/[.[\]]+/).filter(Boolean);
  if (part === "settings") return labelsAt(settingsSchema, keys).join(" › ");
  const schema = part === "config" && types.find(({ type }) => type === node?.type)?.configSchema;
  return schema ? labelsAt(schema, keys).join(" › ") : "";
}
