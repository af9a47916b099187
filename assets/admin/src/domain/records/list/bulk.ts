import { isApiError, messageOf } from "@/lib/api/errors";

export type Outcome = "waiting" | "running" | "done" | { failed: string; isInUse: boolean };

/** Does the same to one record after the other, and reports each outcome as it is known. Stops when `signal` aborts. */
export async function oneByOne<R extends { id: string }>(
  records: readonly R[],
  act: (record: R) => Promise<unknown>,
  report: (id: string, outcome: Outcome) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const record of records) {
    if (signal.aborted) return;
    report(record.id, "running");
    try {
      await act(record);
      report(record.id, "done");
    } catch (error) {
      report(record.id, { failed: messageOf(error), isInUse: isApiError(error, "CONFLICT") });
    }
  }
}
