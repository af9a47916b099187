import { useQueries } from "@tanstack/react-query";
import { keys } from "@/lib/api/keys";
import { useCan } from "@/lib/api/me";
import type { WorkflowNode } from "@/lib/api/model";
import { readOne } from "@/lib/api/resources";
import { useTenantID } from "@/lib/tenant";
import { effectsOf } from "../graph/effects";

/** Returns what tests of steps do outside of the run. Loads the queries of the workflow, whose text tells it. */
export function useEffectsOf(nodes: readonly WorkflowNode[]) {
  const tenantID = useTenantID();
  const mayRead = useCan()("dataquery:read");
  const ids = [
    ...new Set(
      nodes.flatMap(({ type, config }) =>
        type === "dataQuery" && typeof config["queryID"] === "string" && config["queryID"]
          ? [config["queryID"]]
          : [],
      ),
    ),
  ];
  const queries = useQueries({
    queries: ids.map((id) => ({
      queryKey: keys.one(tenantID, "dataquery", id),
      queryFn: ({ signal }: { signal: AbortSignal }) => readOne(tenantID, "dataquery", id, signal),
      enabled: mayRead,
    })),
  });
  const byID = new Map(ids.map((id, index) => [id, queries[index]?.data]));
  return (tested: readonly WorkflowNode[]) => effectsOf(tested, (id) => byID.get(id));
}
