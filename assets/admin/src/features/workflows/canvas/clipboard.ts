import type { WorkflowEdge, WorkflowNode } from "@/lib/api/model";
import type { Graph } from "@/lib/flow/graph";
import { parseJson } from "@/lib/format/exact-json";
import { isObject } from "@/lib/is-object";

const MARK = "jet-admin/steps";
const MOST = 500;

/** Serializes steps for the clipboard: they may be pasted into another workflow. */
export const toClipboard = ({ nodes, edges }: Graph): string =>
  JSON.stringify({ kind: MARK, nodes, edges }, null, 2);

/** Parses steps from the clipboard; null if it holds something else. */
export function fromClipboard(text: string): Graph | null {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return null;
  }
  if (
    !isObject(value) ||
    value["kind"] !== MARK ||
    !Array.isArray(value["nodes"]) ||
    !Array.isArray(value["edges"])
  )
    return null;
  const nodes = value["nodes"].filter(isNode).slice(0, MOST);
  return nodes.length ? { nodes, edges: value["edges"].filter(isEdge) } : null;
}

function isNode(value: unknown): value is WorkflowNode {
  if (!isObject(value) || !isObject(value["position"]) || !isObject(value["config"])) return false;
  const { x, y } = value["position"];
  return (
    [value["id"], value["type"], value["name"]].every((field) => typeof field === "string") &&
    Number.isFinite(x) &&
    Number.isFinite(y)
  );
}

function isEdge(value: unknown): value is WorkflowEdge {
  return (
    isObject(value) &&
    [value["id"], value["source"], value["target"]].every((field) => typeof field === "string")
  );
}
