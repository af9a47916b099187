import { useMemo } from "react";
import { useMembership, useSetup } from "@/lib/api/me";
import type { NodeType, Problem, Workflow } from "@/lib/api/model";
import type { Graph } from "@/lib/flow/graph";
import type { Definition } from "../graph/definition";
import { localProblems, withLocal, type Surroundings } from "./local-problems";
import { isStale, newSteps, presentProblems } from "./problems";
import { problemText } from "./problem-texts";

/** Adds what the editor knows about the server and the caller's role to what the server has found. */
function useProblems(
  found: readonly Problem[],
  definition: Definition,
  { enabled, types, fresh }: Pick<Surroundings, "enabled" | "types" | "fresh">,
) {
  const permissions = useMembership()?.permissions;
  const sendsMail = useSetup().data?.sendsMail;
  return useMemo(() => {
    const can = (permission: string) => permissions?.includes(permission) ?? false;
    const all = withLocal(
      found,
      localProblems(definition, { enabled, sendsMail, can, types, ...(fresh ? { fresh } : {}) }),
    );
    return all.map((problem) => ({ ...problem, message: problemText(problem.message, definition.nodes) }));
  }, [found, definition, enabled, sendsMail, permissions, types, fresh]);
}

/** What a check on the server found, and the graph that it checked. */
interface Checked {
  problems: readonly Problem[];
  graph: Graph;
}

/**
 * Returns what is wrong with the graph in the editor, and whether the graph has changed since the server checked it:
 * `checked` is the last check, null for that of the last save.
 */
export function useWorkflowProblems(
  base: Workflow,
  definition: Definition,
  { checked, enabled, types }: { checked: Checked | null; enabled: boolean; types: readonly NodeType[] },
) {
  const { nodes, edges } = definition;
  const last = useMemo(() => checked ?? { problems: base.problems ?? [], graph: base }, [checked, base]);
  const found = useMemo(() => presentProblems(last.problems, last.graph.nodes, nodes), [last, nodes]);
  const fresh = useMemo(() => newSteps(nodes, base, last.graph), [nodes, base, last]);
  const problems = useProblems(found, definition, { enabled, types, fresh });
  const stale = useMemo(() => isStale(last.graph, { nodes, edges }), [last, nodes, edges]);
  return { problems, stale };
}
