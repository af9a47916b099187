import { useEffect, useRef, useState } from "react";
import type { DataQueryDraft, JsonObject, QueryResult } from "@/lib/api/model";
import { showDraft } from "@/lib/api/subjects/data-queries";
import { useTenantID } from "@/lib/tenant";

interface Compared {
  running: boolean;
  /** The result of the datasource. */
  before: QueryResult | null;
  /** The result after the transformer. */
  after: QueryResult | null;
  error: unknown;
}

const none: Compared = { running: false, before: null, after: null, error: null };

/** Runs a query with and without its transformer, to compare both results. */
export function useComparison(draft: DataQueryDraft, parameters: JsonObject) {
  const tenantID = useTenantID();
  const [compared, setCompared] = useState(none);
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);

  const start = async () => {
    controller.current?.abort();
    const mine = new AbortController();
    controller.current = mine;
    setCompared((old) => ({ ...old, running: true }));
    const ask = (transformer: string | null) =>
      showDraft(tenantID, { ...draft, transformer }, { parameters }, mine.signal);
    const [before, after] = await Promise.allSettled([ask(null), ask(draft.transformer ?? null)]);
    if (mine.signal.aborted) return;
    const failure =
      before.status === "rejected" ? before.reason : after.status === "rejected" ? after.reason : null;
    setCompared({
      running: false,
      before: before.status === "fulfilled" ? before.value : null,
      after: after.status === "fulfilled" ? after.value : null,
      error: failure,
    });
  };
  return { ...compared, start };
}

export type Comparison = ReturnType<typeof useComparison>;
