import { replaceEqualDeep, useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useReducer, useState } from "react";
import { api, url } from "@/lib/api/client";
import { keys } from "@/lib/api/keys";
import type { Instance, JsonObject, ReplayBody, Started, TestRun } from "@/lib/api/model";
import { useOne } from "@/lib/api/resources";
import { emptyRun, isFinal, lastEvents, mergeRun, reduceEvents, type RunState } from "@/lib/flow/run-state";
import { streamEvents, type ServerEvent } from "@/lib/http/sse";
import { isObject } from "@/lib/is-object";
import { useTenantID } from "@/lib/tenant";

function useStart<T>(start: (tenantID: string, what: T) => Promise<Started>) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (what: T) => start(tenantID, what),
    onSuccess: () => client.invalidateQueries({ queryKey: [tenantID, "instance", "list"] }),
  });
}

export const useExecuteWorkflow = () =>
  useStart(
    async (tenantID, { workflowID, input }: { workflowID: string; input: JsonObject }): Promise<Started> => {
      // One click is one run, also if the request must be repeated.
      const headers = { "idempotency-key": randomKey() };
      return api.post("/api/v1/tenants/{tenantID}/workflows/{workflowID}/execute", {
        path: { tenantID, workflowID },
        body: { input },
        headers,
      });
    },
  );

export const useTestWorkflow = () =>
  useStart((tenantID, body: TestRun): Promise<Started> =>
    api.post("/api/v1/tenants/{tenantID}/workflows/test", { path: { tenantID }, body }),
  );

/** `crypto.randomUUID` is missing on plain http. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

export function useStopRun() {
  const tenantID = useTenantID();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (instanceID: string): Promise<Instance> =>
      api.delete("/api/v1/tenants/{tenantID}/workflows/instances/{instanceID}/stop", {
        path: { tenantID, instanceID },
      }),
    onSettled: (_, __, id) => {
      void client.invalidateQueries({ queryKey: keys.one(tenantID, "instance", id) });
      return client.invalidateQueries({ queryKey: [tenantID, "instance", "list"] });
    },
  });
}

/** Replays a run as a new one. */
export const useReplay = () =>
  useStart((tenantID, { instanceID, ...body }: ReplayBody & { instanceID: string }): Promise<Started> =>
    api.post("/api/v1/tenants/{tenantID}/workflows/instances/{instanceID}/replay", {
      path: { tenantID, instanceID },
      body,
    }),
  );

interface Live {
  id: string | undefined;
  state: RunState;
}

const follow = (live: Live, { id, events }: { id: string; events: readonly ServerEvent[] | null }): Live => ({
  id,
  state: events ? reduceEvents(live.id === id ? live.state : emptyRun, events) : emptyRun,
});

const FRAME_MS = 16;
/** More would take longer than a frame. */
const MOST_AT_ONCE = 200;

/** Collects what arrives within one frame: it is shown together, or the first part of it if it is a lot. */
function frames<T>(show: (items: readonly T[]) => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let items: T[] = [];
  const drop = () => {
    clearTimeout(timer);
    timer = undefined;
    items = [];
  };
  const some = () => {
    timer = undefined;
    const first = items.slice(0, MOST_AT_ONCE);
    items = items.slice(MOST_AT_ONCE);
    if (items.length) timer = setTimeout(some, FRAME_MS);
    if (first.length) show(first);
  };
  /** Shows the last ones; of a lot, the record tells more quickly. */
  const flush = () => {
    const all = items;
    drop();
    if (all.length && all.length <= MOST_AT_ONCE) show(all);
  };
  const add = (item: T) => {
    items.push(item);
    timer ??= setTimeout(some, FRAME_MS);
  };
  return { add, flush, drop };
}

/** Keeps the graph, which is drawn again if it changes. Comparing thousands of steps would block the page. */
function withKnownGraph(old: unknown, next: unknown): unknown {
  if (!isObject(old) || !isObject(next)) return next;
  return {
    ...next,
    nodes: replaceEqualDeep(old["nodes"], next["nodes"]),
    edges: replaceEqualDeep(old["edges"], next["edges"]),
  };
}

/** The record is reloaded after events, at most this often. */
const REREAD_MS = 400;

/** Loads a run and follows it live to its end; `lost` while reconnecting. */
export function useRun(id: string | undefined) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  const record = useOne("instance", id, { structuralSharing: withKnownGraph });
  const [live, dispatch] = useReducer(follow, { id: undefined, state: emptyRun });
  const [lost, setLost] = useState(false);
  const over = record.data ? isFinal(record.data.status) : undefined;

  useEffect(() => {
    if (id === undefined || over !== false) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let seen = 0;
    const shown = frames<ServerEvent>((events) => dispatch({ id, events }));
    const reread = () => {
      timer = undefined;
      void client.invalidateQueries({ queryKey: keys.one(tenantID, "instance", id) });
    };
    const onEvent = (event: ServerEvent) => {
      shown.add(event);
      seen += 1;
      // The record of a long run takes long to read.
      timer ??= setTimeout(reread, Math.max(REREAD_MS, seen));
    };
    // The stream starts from the beginning again.
    dispatch({ id, events: null });
    streamEvents(
      url("/api/v1/tenants/{tenantID}/workflows/instances/{instanceID}/events", { tenantID, instanceID: id }),
      {
        signal: abort.signal,
        onEvent,
        onOpen: () => setLost(false),
        onReconnect: () => setLost(true),
        until: lastEvents,
      },
    )
      .catch(() => setLost(true))
      .finally(() => {
        clearTimeout(timer);
        if (abort.signal.aborted) return;
        shown.flush();
        reread();
        void client.invalidateQueries({ queryKey: [tenantID, "instance", "list"] });
      });
    return () => {
      clearTimeout(timer);
      shown.drop();
      abort.abort();
    };
  }, [id, over, tenantID, client]);

  const run = useMemo(
    () =>
      record.data?.id === id && record.data
        ? mergeRun(record.data, live.id === id ? live.state : emptyRun)
        : undefined,
    [record.data, live, id],
  );
  return { run, error: record.error, refetch: record.refetch, lost: lost && over === false };
}
