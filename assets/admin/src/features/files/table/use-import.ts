import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { learnChange, tellChange } from "@/lib/api/changes";
import { keys } from "@/lib/api/keys";
import type { FileTable, FileTableDraft } from "@/lib/api/model";
import { createFileTable } from "@/lib/api/subjects/files";
import { useTenantID } from "@/lib/tenant";

/** Creates a table from a file. Leaving the page cancels it, and then nothing is written. */
export function useImport(fileID: string, onDone: (table: FileTable) => void) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  const running = useRef<AbortController | null>(null);
  const [isRunning, setIsRunning] = useState(false);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => () => running.current?.abort(), []);

  const start = async (draft: FileTableDraft) => {
    const controller = new AbortController();
    running.current = controller;
    setError(null);
    setIsRunning(true);
    try {
      const table = await createFileTable(tenantID, fileID, draft, controller.signal);
      const change = { tenantID, kind: "datasource", id: table.datasourceID } as const;
      tellChange(change);
      await learnChange(client, change);
      await client.invalidateQueries({ queryKey: keys.one(tenantID, "datasource", table.datasourceID) });
      onDone(table);
    } catch (failed) {
      if (!controller.signal.aborted) setError(failed);
    } finally {
      running.current = null;
      setIsRunning(false);
    }
  };
  return { start, cancel: () => running.current?.abort(), isRunning, error };
}
