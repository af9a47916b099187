import type { QueryClient } from "@tanstack/react-query";
import { keys } from "./keys";
import type { Kind } from "./resources";

/** A change of a record of a tenant. */
interface Change {
  tenantID: string;
  kind: Kind;
  /** Absent if a record was created. */
  id?: string;
  /** The id of a record that was created, if all records may refer to it. */
  made?: string;
  /** Whether it was deleted, perhaps with the records that used it. */
  gone?: boolean;
}

/** The channel between the tabs of one browser. */
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("jet-admin.changes");

/** Notifies the other tabs. */
export const tellChange = (change: Change): void => channel?.postMessage(change);

/** Reloads what other tabs have changed. */
export function followChanges(client: QueryClient): () => void {
  const onMessage = ({ data }: MessageEvent<Change>) => learnChange(client, data);
  channel?.addEventListener("message", onMessage);
  return () => channel?.removeEventListener("message", onMessage);
}

/** Listens to the other tabs for the creation of a record that all records may refer to. */
export function followMade(tenantID: string, kind: Kind, onMade: (id: string) => void): () => void {
  const onMessage = ({ data }: MessageEvent<Change>) => {
    if (data.tenantID === tenantID && data.kind === kind && data.made !== undefined) onMade(data.made);
  };
  channel?.addEventListener("message", onMessage);
  return () => channel?.removeEventListener("message", onMessage);
}

export function learnChange(
  client: QueryClient,
  { tenantID, kind, id, gone = false }: Change,
): Promise<unknown> {
  const read = (queryKey: readonly unknown[]) => client.invalidateQueries({ queryKey });
  return Promise.all([
    read([tenantID, "tenant"]),
    // What was deleted with it is not known here.
    gone
      ? client.invalidateQueries({
          predicate: ({ queryKey }) => queryKey[0] === tenantID && queryKey[2] === "list",
        })
      : read([tenantID, kind, "list"]),
    ...(id === undefined
      ? []
      : [read(keys.one(tenantID, kind, id)), read(keys.versions(tenantID, kind, id))]),
    // A dashboard includes its widgets.
    ...(kind === "widget" && id !== undefined ? [read([tenantID, "dashboard", "one"])] : []),
  ]);
}
