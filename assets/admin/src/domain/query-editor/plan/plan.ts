import { t } from "@lingui/core/macro";
import type { JsonObject } from "@/lib/api/model";
import { parseJson } from "@/lib/format/exact-json";
import { asNumber } from "@/lib/format/figures";
import { isObject } from "@/lib/is-object";

/** One step of a query plan. */
export interface PlanStep {
  label: string;
  /** What it works on, and under which conditions. */
  details: string[];
  /** The planner's estimates, where it provides them. */
  cost?: number;
  rows?: number;
  steps: PlanStep[];
}

/** A plan as it is shown: nested steps, text as the database formatted it, or neither. */
export type Plan = { steps: PlanStep[] } | { text: string } | null;

const MAX_DEPTH = 64;
/** Parses a plan by its shape, whichever database it comes from. */
export function planOf(data: unknown): Plan {
  const root = nestedRoot(data);
  if (root) return { steps: [nestedStep(root)] };
  if (!Array.isArray(data) || !data.every(isObject) || data.length === 0) return null;
  const listed = linkedSteps(data);
  if (listed) return { steps: listed };
  const columns = Object.keys(data[0] ?? {});
  const [only] = columns;
  if (columns.length === 1 && only && data.every((row) => typeof row[only] === "string"))
    return { text: data.map((row) => row[only]).join("\n") };
  return null;
}

/** Finds the outermost node of a plan that nests its nodes under "Plans", inside wrappers of one element or one key. */
function nestedRoot(data: unknown, depth = 0): JsonObject | null {
  if (depth > 5) return null;
  if (typeof data === "string") return /^\s*[[{]/.test(data) ? nestedRoot(parsed(data), depth + 1) : null;
  if (Array.isArray(data)) return data.length === 1 ? nestedRoot(data[0], depth + 1) : null;
  if (!isObject(data)) return null;
  if (typeof data["Node Type"] === "string") return data;
  if (isObject(data["Plan"])) return nestedRoot(data["Plan"], depth + 1);
  const values = Object.values(data);
  return values.length === 1 ? nestedRoot(values[0], depth + 1) : null;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

/** The fields that name what a node works on. */
const OBJECTS = ["Relation Name", "Index Name", "CTE Name", "Function Name"];
const CONDITIONS = /( Cond|Filter|Sort Key|Group Key|Cache Key|Recheck Cond)$/;

function nestedStep(node: JsonObject, depth = 0): PlanStep {
  const kind = [
    node["Join Type"] === "Inner" ? null : node["Join Type"],
    node["Operation"],
    node["Node Type"],
  ]
    .filter((word) => typeof word === "string")
    .join(" ");
  const objects = OBJECTS.map((name) => node[name]).filter((name) => typeof name === "string");
  const alias = node["Alias"];
  const named = [
    ...new Set([
      ...objects,
      ...(typeof alias === "string" && !objects.includes(alias) ? [`as ${alias}`] : []),
    ]),
  ].join(" ");
  const [cost, rows] = [asNumber(node["Total Cost"]), asNumber(node["Plan Rows"])];
  const conditions = Object.entries(node)
    .filter(([key]) => CONDITIONS.test(key))
    .map(([key, value]) => `${key}: ${Array.isArray(value) ? value.join(", ") : String(value)}`);
  const children = Array.isArray(node["Plans"]) && depth < MAX_DEPTH ? node["Plans"].filter(isObject) : [];
  return {
    label: kind || t`Step`,
    details: [...(named ? [named] : []), ...conditions],
    ...(cost === null ? {} : { cost }),
    ...(rows === null ? {} : { rows }),
    steps: children.map((child) => nestedStep(child, depth + 1)),
  };
}

/** Parses rows that name the parent of each step: `id`, `parent` and `detail`. */
function linkedSteps(rows: JsonObject[]): PlanStep[] | null {
  if (
    !rows.every(
      ({ id, parent, detail }) =>
        typeof id === "number" && typeof parent === "number" && typeof detail === "string",
    )
  )
    return null;
  const byID = new Map(
    rows.map((row) => [row["id"], { label: String(row["detail"]), details: [], steps: [] } as PlanStep]),
  );
  const roots: PlanStep[] = [];
  for (const { id, parent } of rows) {
    const step = byID.get(id);
    const above = parent === id ? undefined : byID.get(parent);
    if (step) (above ? above.steps : roots).push(step);
  }
  return roots;
}

/** Returns the steps in display order, each with its depth. */
export function flatSteps(steps: readonly PlanStep[], depth = 0): { step: PlanStep; depth: number }[] {
  return steps.flatMap((step) => [{ step, depth }, ...flatSteps(step.steps, depth + 1)]);
}
