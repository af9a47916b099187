import { t } from "@lingui/core/macro";
import type { JsonObject, Parameter, Workflow, WorkflowTrigger, WorkflowVersion } from "@/lib/api/model";
import type { Change, GraphDiff } from "@/lib/flow/diff";
import { isEqual } from "@/lib/schema/merge-patch";
import { summaryOf } from "../triggers/trigger-schema";

/** One difference. */
export interface Difference {
  /** What it belongs to: an input, a trigger, a step; absent for the workflow itself. */
  of: string;
  /** The changed field; absent if the whole was added or removed. */
  field: string;
  change: Change;
  /** As text; null if there is no value. */
  before: string | null;
  after: string | null;
}

export interface DifferenceGroup {
  title: string;
  differences: Difference[];
}

/** A version of a workflow, or the current one, with its name. */
export interface Described {
  name: string;
  description: string;
  enabled?: boolean;
  inputs: readonly Parameter[];
  triggers: readonly WorkflowTrigger[];
  settings: JsonObject;
}

export const describedVersion = ({ name, description, spec }: WorkflowVersion): Described => ({
  name,
  description,
  ...("enabled" in spec ? { enabled: spec.enabled === true } : {}),
  inputs: spec.inputs,
  triggers: spec.triggers,
  settings: spec.settings as JsonObject,
});
export const describedWorkflow = ({
  name,
  description,
  enabled,
  inputs,
  triggers,
  settings,
}: Workflow): Described => ({
  name,
  description: description ?? "",
  enabled,
  inputs,
  triggers,
  settings: settings as JsonObject,
});

const words: Record<string, string> = {
  name: t`Name`,
  description: t`Description`,
  enabled: t`Enabled`,
  type: t`Type`,
  required: t`Required`,
  default: t`Default`,
  allowed: t`Allowed values`,
  timeoutSeconds: t`Timeout (s)`,
  maxConcurrentRuns: t`Concurrency limit`,
  whenFull: t`When the limit is reached`,
  errorWorkflowID: t`Workflow to run on failure`,
  timeoutMs: t`Timeout (ms)`,
  retry: t`Retries`,
  onError: t`On error`,
  onInterrupt: t`If the server stops`,
  join: t`Incoming connections`,
  disabled: t`Disabled`,
  pinnedOutput: t`Pinned output`,
  notes: t`Notes`,
  parentID: t`Loop`,
  cron: t`Schedule`,
  timezone: t`Time zone`,
  missed: t`Missed schedules`,
  methods: t`Methods`,
  answer: t`Response`,
  signature: t`Signature`,
  input: t`Input`,
};

const wordOf = (field: string) => words[field] ?? field;

/** Unset, null and empty are the same for people. */
const isNothing = (value: unknown) => value === undefined || value === null || value === "";

export function comparedText(value: unknown): string | null {
  if (isNothing(value)) return null;
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? t`yes` : t`no`;
  return JSON.stringify(value, null, 2);
}

/** Reduces long texts to the lines that differ, with one line of context. */
export function changedLines(
  before: string | null,
  after: string | null,
): [before: string | null, after: string | null] {
  if (before === null || after === null) return [before, after];
  const [old, now] = [before.split("\n"), after.split("\n")];
  if (Math.max(old.length, now.length) < 6) return [before, after];
  let head = 0;
  while (head < Math.min(old.length, now.length) && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const [from, left] = [Math.max(head - 1, 0), Math.max(tail - 1, 0)];
  const cut = (lines: string[]) =>
    [...(from > 0 ? ["…"] : []), ...lines.slice(from, lines.length - left), ...(left > 0 ? ["…"] : [])].join(
      "\n",
    );
  return [cut(old), cut(now)];
}

function differenceOf(of: string, field: string, before: unknown, after: unknown): Difference[] {
  if (isEqual(before ?? null, after ?? null) || (isNothing(before) && isNothing(after))) return [];
  const [old, now] = changedLines(comparedText(before), comparedText(after));
  return [
    {
      of,
      field,
      change: old === null ? "added" : now === null ? "removed" : "changed",
      before: old,
      after: now,
    },
  ];
}

type Fields = Readonly<Record<string, unknown>>;

/** Compares field by field. */
const fieldsOf = (of: string, before: Fields, after: Fields, except: readonly string[] = []): Difference[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((field) => !except.includes(field))
    .flatMap((field) => differenceOf(of, wordOf(field), before[field], after[field]));

interface Listed<T> {
  keyOf: (one: T, index: number) => string;
  nameOf: (one: T) => string;
  summaryOf: (one: T) => string;
}

/** Compares two lists entry by entry. */
function entriesOf<T extends object>(
  before: readonly T[],
  after: readonly T[],
  { keyOf, nameOf, summaryOf }: Listed<T>,
): Difference[] {
  const [then, now] = [before, after].map(
    (list) => new Map(list.map((one, index) => [keyOf(one, index), one])),
  );
  const gone = [...(then ?? [])]
    .filter(([key]) => !now?.has(key))
    .map(([, one]): Difference => ({
      of: nameOf(one),
      field: "",
      change: "removed",
      before: summaryOf(one),
      after: null,
    }));
  const others = [...(now ?? [])].flatMap(([key, one]): Difference[] => {
    const was = then?.get(key);
    return was
      ? fieldsOf(nameOf(one), was as Fields, one as Fields, ["id"])
      : [{ of: nameOf(one), field: "", change: "added", before: null, after: summaryOf(one) }];
  });
  return [...others, ...gone];
}

const inputs: Listed<Parameter> = {
  keyOf: ({ name }) => name,
  nameOf: ({ name }) => name,
  summaryOf: ({ type, required }) => (required ? t`${type}, required` : type),
};
const triggers: Listed<WorkflowTrigger> = {
  keyOf: ({ id }, index) => id ?? String(index),
  nameOf: ({ type }) => (type === "schedule" ? t`Schedule` : type === "webhook" ? t`Webhook` : type),
  summaryOf,
};

/** The differences of each step that exists in both. */
function stepsOf({ graph, fields, before }: GraphDiff): Difference[] {
  return graph.nodes.flatMap((node) => {
    const was = before.get(node.id);
    if (!was || !fields.has(node.id)) return [];
    const plain = ({ type, name, parentID, pinnedOutput, notes }: typeof node) => ({
      type,
      name,
      parentID,
      pinnedOutput,
      notes,
    });
    return [
      ...fieldsOf(node.name, plain(was), plain(node)),
      ...fieldsOf(node.name, was.config, node.config),
      ...fieldsOf(node.name, was.settings ?? {}, node.settings ?? {}),
    ];
  });
}

/**
 * Returns everything that differs between two versions of a workflow, in the order of the editor; the graph's shape is
 * shown as a graph.
 */
export function diffDefinitions(before: Described, after: Described, graph: GraphDiff): DifferenceGroup[] {
  const plain = ({ name, description, enabled }: Described) => ({
    name,
    description,
    ...(before.enabled === undefined || after.enabled === undefined ? {} : { enabled }),
  });
  const groups = [
    { title: t`Workflow`, differences: fieldsOf("", plain(before), plain(after)) },
    { title: t`Inputs`, differences: entriesOf(before.inputs, after.inputs, inputs) },
    { title: t`Triggers`, differences: entriesOf(before.triggers, after.triggers, triggers) },
    { title: t`Settings`, differences: fieldsOf("", before.settings, after.settings) },
    { title: t`Steps`, differences: stepsOf(graph) },
  ];
  return groups.filter(({ differences }) => differences.length > 0);
}
