import { plural, t } from "@lingui/core/macro";
import type { JsonObject, NodeType, Parameter, WorkflowNode, WorkflowTrigger } from "@/lib/api/model";
import { diffGraphs, type GraphDiff } from "@/lib/flow/diff";
import { titleOf, type Graph } from "@/lib/flow/graph";
import { summaryOf } from "@/lib/flow/trigger-summary";
import { diffBySchema } from "./by-schema";
import type { Content } from "./content";
import {
  diffEntries,
  diffFields,
  ofRecord,
  type Counted,
  type Difference,
  type DifferenceGroup,
  type Fields,
  type Listed,
} from "./differences";
import { parameterList } from "./parameters";

const workflowLabels = { name: t`Name`, description: t`Description`, enabled: t`Enabled` };

const limitLabels = {
  timeoutSeconds: t`Timeout (s)`,
  maxConcurrentRuns: t`Concurrency limit`,
  whenFull: t`When the limit is reached`,
  errorWorkflowID: t`Workflow to run on failure`,
};

const triggerLabels = {
  type: t`Type`,
  enabled: t`Enabled`,
  cron: t`Schedule`,
  timezone: t`Time zone`,
  missed: t`Missed schedules`,
  methods: t`Methods`,
  answer: t`Response`,
  signature: t`Signature`,
  input: t`Input`,
};

const stepLabels = { type: t`Type`, title: t`Name`, name: t`Name in expressions`, parentID: t`Loop` };
const noteLabels = { notes: t`Notes`, pinnedOutput: t`Pinned output` };
const stepSettingLabels = {
  timeoutMs: t`Timeout (ms)`,
  retry: t`Retries`,
  onError: t`On error`,
  onInterrupt: t`If the server stops`,
  join: t`Incoming connections`,
  disabled: t`Disabled`,
};

const triggers: Listed<WorkflowTrigger> = {
  keyOf: ({ id }, index) => id ?? String(index),
  nameOf: ({ type }) => (type === "schedule" ? t`Schedule` : type === "webhook" ? t`Webhook` : type),
  summaryOf,
  diff: (place, { id: _was, ...before }, { id: _is, ...after }) =>
    diffFields(place, before, after, triggerLabels),
};

const inputCount: Counted = {
  added: (count) => plural(count, { one: "# input added", other: "# inputs added" }),
  removed: (count) => plural(count, { one: "# input removed", other: "# inputs removed" }),
  changed: (count, name) => plural(count, { one: `Input “${name}” changed`, other: "# inputs changed" }),
};
const triggerCount: Counted = {
  added: (count) => plural(count, { one: "# trigger added", other: "# triggers added" }),
  removed: (count) => plural(count, { one: "# trigger removed", other: "# triggers removed" }),
  changed: (count, name) => plural(count, { one: `Trigger “${name}” changed`, other: "# triggers changed" }),
};
const stepCount: Counted = {
  added: (count) => plural(count, { one: "# step added", other: "# steps added" }),
  removed: (count) => plural(count, { one: "# step removed", other: "# steps removed" }),
  changed: (count, name) => plural(count, { one: `Step “${name}” changed`, other: "# steps changed" }),
};

/** The differences of each step that exists in both. Its notes and its pinned output, which may be long, come last. */
function diffSteps({ graph, fields, before }: GraphDiff, types: readonly NodeType[]): Difference[] {
  return graph.nodes.flatMap((node) => {
    const was = before.get(node.id);
    if (!was || !fields.has(node.id)) return [];
    const place = { path: `nodes.${node.id}`, of: titleOf(node) };
    const schema = types.find(({ type }) => type === node.type)?.configSchema;
    const config = { ...place, path: `${place.path}.config` };
    const pick = (labels: object) => (from: WorkflowNode) =>
      Object.fromEntries(Object.keys(labels).map((name) => [name, from[name as keyof WorkflowNode]]));
    const [plain, noted] = [pick(stepLabels), pick(noteLabels)];
    return [
      ...diffFields(place, plain(was), plain(node), stepLabels),
      ...(schema
        ? diffBySchema(schema, was.config, node.config, config)
        : diffFields(config, was.config, node.config, {})),
      ...diffFields(place, was.settings ?? {}, node.settings ?? {}, stepSettingLabels),
      ...diffFields(place, noted(was), noted(node), noteLabels),
    ];
  });
}

/** A saved version may not say whether the workflow was enabled. */
function workflowFields(content: Content, other: Content): Fields {
  const { name, description, enabled } = content;
  return { name, description, ...("enabled" in content && "enabled" in other ? { enabled } : {}) };
}

const graphOf = (content: Content): Graph => ({
  nodes: (content["nodes"] ?? []) as Graph["nodes"],
  edges: (content["edges"] ?? []) as Graph["edges"],
});

/**
 * Returns everything that differs between two versions of a workflow, in the order of the editor; the graph's shape is
 * compared as a graph.
 */
export function compareWorkflows(
  before: Content,
  after: Content,
  types: readonly NodeType[],
): { groups: DifferenceGroup[]; graph: GraphDiff } {
  const graph = diffGraphs(graphOf(before), graphOf(after));
  const list = <T>(content: Content, name: string) => (content[name] ?? []) as T[];
  const settings = (content: Content) => (content["settings"] ?? {}) as JsonObject;
  const groups: DifferenceGroup[] = [
    {
      title: t`Workflow`,
      differences: diffFields(
        ofRecord,
        workflowFields(before, after),
        workflowFields(after, before),
        workflowLabels,
      ),
    },
    {
      title: t`Inputs`,
      counted: inputCount,
      differences: diffEntries<Parameter>(
        "inputs",
        list(before, "inputs"),
        list(after, "inputs"),
        parameterList,
      ),
    },
    {
      title: t`Triggers`,
      counted: triggerCount,
      differences: diffEntries<WorkflowTrigger>(
        "triggers",
        list(before, "triggers"),
        list(after, "triggers"),
        triggers,
      ),
    },
    {
      title: t`Settings`,
      differences: diffFields({ path: "settings", of: "" }, settings(before), settings(after), limitLabels),
    },
    { title: t`Steps`, counted: stepCount, differences: diffSteps(graph, types) },
  ];
  return { groups: groups.filter(({ differences }) => differences.length > 0), graph };
}

/** Says how the graph's shape changed, in one sentence each. */
export function graphSentences({ nodes, edges }: GraphDiff): string[] {
  const count = (changes: GraphDiff["nodes"], wanted: string) =>
    [...changes.values()].filter((change) => change === wanted).length;
  const [added, removed] = [count(nodes, "added"), count(nodes, "removed")];
  const lines = edges.size;
  return [
    ...(added ? [stepCount.added(added)] : []),
    ...(removed ? [stepCount.removed(removed)] : []),
    ...(lines && !added && !removed ? [t`Connections changed`] : []),
  ];
}
