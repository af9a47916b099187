import { t } from "@lingui/core/macro";

const labels: Record<string, string> = {
  files: t`Files and databases`,
  records: t`Records`,
  versions: t`Versions`,
  unfinishedRuns: t`Unfinished runs`,
  endedRuns: t`Finished runs`,
  queryHistory: t`Query history`,
  auditLog: t`Audit log`,
};

/** Returns the label of a kind of stored data. */
export const usageLabel = (kind: string): string => labels[kind] ?? kind;
