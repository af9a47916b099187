import { t } from "@lingui/core/macro";
import type { DataQuery, WorkflowNode } from "@/lib/api/model";

/** What a step does outside of the run: a test does it too. */
export interface Effect {
  node: WorkflowNode;
  what: string;
}

/** A query as effects need it; undefined while it is loading. */
type Lookup = (queryID: string) => Pick<DataQuery, "name" | "changesData"> | undefined;

const text = (value: unknown): string =>
  Array.isArray(value) ? value.map(text).join(", ") : typeof value === "string" ? value : "";

function effectOf({ type, config }: WorkflowNode, queryOf: Lookup): string | null {
  switch (type) {
    case "httpRequest": {
      const method = text(config["method"]) || "GET";
      const url = text(config["url"]);
      return /^(GET|HEAD)$/.test(method) ? null : t`Sends ${method} ${url}`;
    }
    case "email":
      return t`Sends an email to ${text(config["to"])}`;
    case "notify":
      return t`Sends a message to ${text(config["url"])}`;
    case "subWorkflow":
      return t`Runs another workflow`;
    case "approval":
      return t`Asks members for an approval`;
    case "dataQuery": {
      const query = queryOf(text(config["queryID"]));
      return query?.changesData ? t`Runs the query ${query.name}, which may change data` : null;
    }
    default:
      return null;
  }
}

/** Returns what a test of these steps does outside of the run. Disabled steps and pinned outputs do nothing. */
export function effectsOf(nodes: readonly WorkflowNode[], queryOf: Lookup): Effect[] {
  return nodes.flatMap((node) => {
    if (node.settings?.disabled === true || node.pinnedOutput !== undefined) return [];
    const what = effectOf(node, queryOf);
    return what === null ? [] : [{ node, what }];
  });
}

/** Leaves out the steps that must not act: they pass on their last output if it is known, or else they are skipped. */
export function withoutEffects<G extends { nodes: WorkflowNode[] }>(
  graph: G,
  held: ReadonlySet<string>,
  outputs: ReadonlyMap<string, unknown>,
): G {
  return {
    ...graph,
    nodes: graph.nodes.map((node) => {
      if (!held.has(node.id)) return node;
      return outputs.has(node.id)
        ? { ...node, pinnedOutput: outputs.get(node.id) }
        : { ...node, settings: { ...node.settings, disabled: true } };
    }),
  };
}
