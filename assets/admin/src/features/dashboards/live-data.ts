import { useCallback, useEffect, useRef, useState } from "react";
import { url } from "@/lib/api/client";
import { ApiError } from "@/lib/api/errors";
import type { DashboardAsk, JsonObject } from "@/lib/api/model";
import type { WidgetData } from "@/lib/api/widgets";
import { streamEvents, type ServerEvent } from "@/lib/sse";
import { useTenantID } from "@/lib/tenant";

export interface ItemData {
  result: WidgetData | null;
  error: ApiError | null;
}

interface ItemEvent {
  key: string;
  result?: WidgetData;
  error?: { code: string; message: string; requestId?: string | null };
}

export interface LiveData {
  items: Record<string, ItemData>;
  /** Keys whose data has not come yet in this round. */
  loading: boolean;
  /** Why the whole stream failed. */
  error: unknown;
  at: string | null;
}

const empty: LiveData = { items: {}, loading: true, error: null, at: null };

export function readItem(event: ServerEvent): [key: string, data: ItemData] | null {
  if (event.event !== "item") return null;
  const { key, result, error } = JSON.parse(event.data) as ItemEvent;
  return [key, { result: result ?? null, error: error ? new ApiError(502, error.code, error.message, [], error.requestId ?? null) : null }];
}

/**
 * The data of every item of a dashboard, as it becomes ready; again when the variables change, on `refresh`, and every
 * so many seconds while somebody looks. What was there stays until its successor comes.
 */
export function useLiveData(dashboardID: string, version: number, variables: JsonObject, everySeconds: number) {
  const tenantID = useTenantID();
  const [data, setData] = useState(empty);
  const [round, setRound] = useState(0);
  const asked = JSON.stringify(variables);
  const lastStart = useRef(0);
  const refresh = useCallback(() => setRound((count) => count + 1), []);

  useEffect(() => {
    const controller = new AbortController();
    lastStart.current = Date.now();
    const body: DashboardAsk = { variables: JSON.parse(asked) as JsonObject };
    const path = url("/api/v1/tenants/{tenantID}/dashboards/{dashboardID}/data", { tenantID, dashboardID });
    const onEvent = (event: ServerEvent) => {
      const item = readItem(event);
      if (item) setData((old) => ({ ...old, items: { ...old.items, [item[0]]: item[1] } }));
    };
    // The state is set when the request is on its way, not within the effect.
    queueMicrotask(() => !controller.signal.aborted && setData((old) => ({ ...old, loading: true, error: null })));
    streamEvents(path, { method: "POST", body, signal: controller.signal, until: ["done"], onEvent, idleMs: 180_000 }).then(
      () => !controller.signal.aborted && setData((old) => ({ ...old, loading: false, at: new Date().toISOString() })),
      (error: unknown) => !controller.signal.aborted && setData((old) => ({ ...old, loading: false, error })),
    );
    return () => controller.abort();
  }, [tenantID, dashboardID, version, asked, round]);

  useEffect(() => {
    if (everySeconds <= 0) return;
    const due = () => document.visibilityState === "visible" && Date.now() - lastStart.current >= everySeconds * 1000 && refresh();
    const timer = setInterval(due, 1000);
    return () => clearInterval(timer);
  }, [everySeconds, refresh]);

  /** One page of an item that is read in pages. */
  const readPage = useCallback(
    async (key: string, page: number, signal: AbortSignal): Promise<WidgetData | null> => {
      const body: DashboardAsk = { variables: JSON.parse(asked) as JsonObject, pages: { [key]: page } };
      let found: ItemData = { result: null, error: null };
      const onEvent = (event: ServerEvent) => {
        const item = readItem(event);
        if (item?.[0] === key) found = item[1];
      };
      const path = url("/api/v1/tenants/{tenantID}/dashboards/{dashboardID}/data", { tenantID, dashboardID });
      await streamEvents(path, { method: "POST", body, signal, until: ["done"], onEvent, idleMs: 180_000 });
      if (found.error) throw found.error;
      return found.result;
    },
    [tenantID, dashboardID, asked],
  );

  return { ...data, refresh, readPage };
}
