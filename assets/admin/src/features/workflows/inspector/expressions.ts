import { t } from "@lingui/core/macro";
import { wordOfType } from "@/domain/schema-form/parameter-types";
import type { Parameter, Step, Variable } from "@/lib/api/model";
import { reachable, type Graph } from "@/lib/flow/graph";
import { loopsAround } from "@/lib/flow/loops";
import { isObject } from "@/lib/is-object";

/** A completion for an expression. */
export interface Suggestion {
  path: string;
  /** Its type, or its value in the last run. */
  detail: string;
}

const MOST = 400;
const DEPTH = 3;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

const typeOf = (value: unknown): string =>
  Array.isArray(value) ? t`list (${value.length})` : value === null ? "null" : typeof value;
/** Returns the paths inside a value of the last run. */
function pathsIn(path: string, value: unknown, depth: number): Suggestion[] {
  const found = [
    { path, detail: isObject(value) || Array.isArray(value) ? typeOf(value) : shortened(value) },
  ];
  if (depth === 0) return found;
  if (Array.isArray(value))
    return value.length
      ? [
          ...found,
          { path: `${path}.length`, detail: t`number` },
          ...pathsIn(`${path}[0]`, value[0], depth - 1),
        ]
      : found;
  if (!isObject(value)) return found;
  const entries = Object.entries(value).slice(0, 60);
  return [
    ...found,
    ...entries.flatMap(([key, item]) =>
      pathsIn(IDENTIFIER.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`, item, depth - 1),
    ),
  ];
}

const shortened = (value: unknown): string => {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 32 ? `${text.slice(0, 31)}…` : text;
};

/** The fields of a step's output before its first run. */
const known: Record<string, Suggestion[]> = {
  dataQuery: [
    { path: ".data", detail: t`rows` },
    { path: ".rowCount", detail: t`number` },
    { path: ".columns", detail: t`list` },
    { path: ".truncated", detail: "boolean" },
  ],
  httpRequest: [
    { path: ".status", detail: t`number` },
    { path: ".headers", detail: "object" },
    { path: ".body", detail: t`response body` },
  ],
  condition: [{ path: ".branch", detail: "string" }],
  switch: [{ path: ".branch", detail: "string" }],
  loop: [{ path: ".length", detail: t`number of results` }],
  approval: [
    { path: ".decision", detail: t`approved, rejected or expired` },
    { path: ".data", detail: t`form values` },
    { path: ".by", detail: t`who answered` },
    { path: ".at", detail: t`time` },
  ],
};

/** Returns what a loop's body sees of its item, from the first item of the last run. */
function ofItem(graph: Graph, loop: string, steps: readonly Step[]): Suggestion[] {
  const input = steps.findLast(({ nodeID }) => nodeID === loop)?.input;
  const given = isObject(input) ? input["items"] : graph.nodes.find(({ id }) => id === loop)?.config["items"];
  const first: unknown = Array.isArray(given)
    ? given[0]
    : typeof given === "number"
      ? 0
      : isObject(given)
        ? Object.entries(given).map(([key, value]) => ({ key, value }))[0]
        : undefined;
  return [
    ...(first === undefined
      ? [{ path: "item", detail: t`item of the loop` }]
      : pathsIn("item", first, DEPTH)),
    { path: "index", detail: t`number, from 0` },
  ];
}

/**
 * Returns everything that the expressions of a step may use: its loop's item, the inputs, previous steps, the tenant's
 * variables, the run.
 */
export function suggestionsFor(
  graph: Graph,
  inputs: readonly Parameter[],
  nodeID: string,
  steps: readonly Step[] = [],
  variables: readonly Pick<Variable, "name" | "secret" | "value">[] = [],
): Suggestion[] {
  const loops = loopsAround(graph.nodes).get(nodeID) ?? [];
  // A body also sees the steps before its loops.
  const before = new Set([nodeID, ...loops].flatMap((id) => [...reachable(graph.edges, id, "up")]));
  const ofLoop = loops[0] === undefined ? [] : ofItem(graph, loops[0], steps);
  const outputs = new Map(
    steps.filter(({ status }) => status === "COMPLETED").map((step) => [step.nodeID, step.output]),
  );
  const ofSteps = graph.nodes
    .filter(({ id, type }) => before.has(id) && type !== "start")
    .flatMap(({ id, type, name, pinnedOutput }) => {
      const path = `steps.${name}`;
      const output = pinnedOutput ?? outputs.get(id);
      if (output !== undefined && output !== null) return pathsIn(path, output, DEPTH);
      return [
        { path, detail: t`output` },
        ...(known[type] ?? []).map((field) => ({ path: path + field.path, detail: field.detail })),
      ];
    });
  const ofInputs = inputs.map(({ name, type }) => ({ path: `input.${name}`, detail: wordOfType(type) }));
  const ofRun = ["id", "workflowID", "trigger", "startedAt"].map((field) => ({
    path: `run.${field}`,
    detail: t`this run`,
  }));
  const ofTenant = variables.flatMap(({ name, secret, value }) =>
    secret ? [{ path: `vars.${name}`, detail: t`secret` }] : pathsIn(`vars.${name}`, value, 1),
  );
  return [...ofLoop, ...ofInputs, ...ofSteps, ...ofTenant, ...ofRun].slice(0, MOST);
}

export interface OpenExpression {
  /** Start of the word at the cursor. */
  from: number;
  word: string;
  /** Whether the closing braces follow. */
  closed: boolean;
}

const WORD = /[A-Za-z_$][\w$.[\]"]*$/;

/** Returns the word at the cursor if it is inside `{{ … }}`; `bare` texts are expressions as a whole. */
export function openExpression(text: string, caret: number, bare = false): OpenExpression | null {
  const left = text.slice(0, caret);
  const opening = left.lastIndexOf("{{");
  const inside = opening >= 0 && left.indexOf("}}", opening) < 0;
  if (!inside && !bare) return null;
  const word = WORD.exec(inside ? left.slice(opening + 2) : left)?.[0] ?? "";
  const next = text.slice(caret);
  const closing = next.indexOf("}}");
  const reopening = next.indexOf("{{");
  return {
    from: caret - word.length,
    word,
    closed: bare ? !inside : closing >= 0 && (reopening < 0 || closing < reopening),
  };
}

/** Returns the completions of what was typed; none for an exact match. */
export function matching(suggestions: readonly Suggestion[], word: string): Suggestion[] {
  const wanted = word.toLowerCase();
  const starts = suggestions.filter(({ path }) => path.toLowerCase().startsWith(wanted));
  const contains =
    wanted.length > 1
      ? suggestions.filter(
          ({ path }) => !path.toLowerCase().startsWith(wanted) && path.toLowerCase().includes(wanted),
        )
      : [];
  const found = [...starts, ...contains];
  return found.length === 1 && found[0]?.path === word ? [] : found.slice(0, 50);
}

/** Replaces the word at the cursor; returns the text and the new cursor position. */
export function completed(
  text: string,
  caret: number,
  open: OpenExpression,
  path: string,
): { text: string; caret: number } {
  const tail = text.slice(caret);
  const inserted = path + (open.closed ? "" : " }}");
  return { text: text.slice(0, open.from) + inserted + tail, caret: open.from + path.length };
}
