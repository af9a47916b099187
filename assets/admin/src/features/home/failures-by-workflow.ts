interface Failed {
  workflowID?: string | null;
}

/** The failures of one workflow. */
export interface Failures<R> {
  workflowID: string;
  latest: R;
  count: number;
}

/** Groups failed runs, the latest first, by their workflow. Runs without a saved workflow are left out. */
export function failuresByWorkflow<R extends Failed>(runs: readonly R[]): Failures<R>[] {
  const groups = new Map<string, Failures<R>>();
  for (const run of runs) {
    if (!run.workflowID) continue;
    const group = groups.get(run.workflowID);
    if (group) group.count += 1;
    else groups.set(run.workflowID, { workflowID: run.workflowID, latest: run, count: 1 });
  }
  return [...groups.values()];
}
