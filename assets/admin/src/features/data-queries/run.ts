import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { executeQuery, testQuery } from "@/lib/api/data-queries";
import type { DataQueryDraft, JsonObject, QueryResult } from "@/lib/api/model";
import { keys } from "@/lib/api/resources";
import { useTenantID } from "@/lib/tenant";
import { givenValues, sqlOf } from "./draft";

export interface Run {
  running: boolean;
  result: QueryResult | null;
  error: unknown;
  /** The SQL that gave this result or error. */
  sql: string;
}

const idle: Run = { running: false, result: null, error: null, sql: "" };

/** Runs a query as it stands: the saved one when nothing is changed, so that its cache and history count. */
export function useRunner(draft: DataQueryDraft, savedID: string | null, dirty: boolean) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  const [values, setValues] = useState<JsonObject>({});
  const [run, setRun] = useState(idle);
  const controller = useRef<AbortController | null>(null);

  useEffect(() => () => controller.current?.abort(), []);

  const start = async () => {
    controller.current?.abort();
    const mine = new AbortController();
    controller.current = mine;
    const sql = sqlOf(draft);
    const parameters = givenValues(draft.parameters, values);
    setRun((old) => ({ ...old, running: true }));
    try {
      const result = savedID && !dirty ? await executeQuery(tenantID, savedID, parameters, mine.signal) : await testQuery(tenantID, draft, parameters, mine.signal);
      setRun({ running: false, result, error: null, sql });
    } catch (error) {
      if (!mine.signal.aborted) setRun({ running: false, result: null, error, sql });
    }
    if (savedID) void client.invalidateQueries({ queryKey: [...keys.one(tenantID, "dataquery", savedID), "runs"] });
  };
  const cancel = useCallback(() => {
    controller.current?.abort();
    setRun((old) => ({ ...old, running: false }));
  }, []);

  return { ...run, start, cancel, values, setValue: (name: string, value: unknown) => setValues((old) => ({ ...old, [name]: value })) };
}

export type Runner = ReturnType<typeof useRunner>;
