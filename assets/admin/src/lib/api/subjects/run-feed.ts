import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { url } from "@/lib/api/client";
import { useCan } from "@/lib/api/me";
import { streamEvents, type ServerEvent } from "@/lib/http/sse";
import { useTenantID } from "@/lib/tenant";
import { tasksKey } from "./tasks";

/** Quick changes are reloaded together, at most this often. */
const REREAD_MS = 500;

/** Returns which lists an event makes stale; after a gap all of them. */
const listsOf: Record<string, readonly ("instance" | "task")[]> = {
  "run.changed": ["instance"],
  "tasks.changed": ["task"],
  ready: ["instance", "task"],
  missed: ["instance", "task"],
};

/**
 * Follows the tenant's runs over one connection for the whole tab, and reloads lists of runs and approvals. Hidden tabs
 * close their connection.
 */
export function useRunFeed(): void {
  const tenantID = useTenantID();
  const client = useQueryClient();
  const allowed = useCan()("workflow:list");
  useEffect(() => {
    if (!allowed) return;
    let abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const old = new Set<"instance" | "task">();
    const reread = () => {
      timer = undefined;
      if (old.has("instance")) void client.invalidateQueries({ queryKey: [tenantID, "instance", "list"] });
      if (old.has("task")) void client.invalidateQueries({ queryKey: tasksKey(tenantID) });
      old.clear();
    };
    const onEvent = ({ event }: ServerEvent) => {
      for (const list of listsOf[event] ?? []) old.add(list);
      if (old.size) timer ??= setTimeout(reread, REREAD_MS);
    };
    const follow = () => {
      abort.abort();
      if (document.hidden) return;
      abort = new AbortController();
      // The server ends the stream from time to time to check the caller again; a rejection is final.
      streamEvents(url("/api/v1/tenants/{tenantID}/workflows/instances/events", { tenantID }), {
        signal: abort.signal,
        onEvent,
        until: [],
      }).catch(() => undefined);
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      clearTimeout(timer);
      abort.abort();
    };
  }, [allowed, tenantID, client]);
}
