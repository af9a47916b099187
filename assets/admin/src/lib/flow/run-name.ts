import { t } from "@lingui/core/macro";

interface Named {
  workflowID?: string | null;
  workflowName: string;
  isTest?: boolean;
}

/** Returns what a run is called: by its workflow, which only tests through the API may not have. */
export const runName = ({ workflowID, workflowName, isTest = true }: Named): string =>
  isTest && !workflowID ? t`Test run` : workflowName;
