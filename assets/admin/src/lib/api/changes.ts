import type { QueryClient } from "@tanstack/react-query";
import { keys } from "./keys";
import type { Kind } from "./resources";

/** What became of something that a tenant has. */
interface Change {
  tenantID: string;
  kind: Kind;
  /** Absent when something new was made. */
  id?: string;
  /** Whether it is gone, perhaps with what used it. */
  gone?: boolean;
}

/** From tab to tab of one browser. */
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("jet-admin.changes");

/** Tells the other tabs. */
export const tellChange = (change: Change): void => channel?.postMessage(change);

/** Has what other tabs changed read again where it is shown. */
export function followChanges(client: QueryClient): () => void {
  const onMessage = ({ data }: MessageEvent<Change>) => learnChange(client, data);
  channel?.addEventListener("message", onMessage);
  return () => channel?.removeEventListener("message", onMessage);
}

export function learnChange(client: QueryClient, { tenantID, kind, id, gone = false }: Change): Promise<unknown> {
  const read = (queryKey: readonly unknown[]) => client.invalidateQueries({ queryKey });
  return Promise.all([
    read([tenantID, "tenant"]),
    // What went with it is not known here.
    gone ? client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === tenantID && queryKey[2] === "list" }) : read([tenantID, kind, "list"]),
    ...(id === undefined ? [] : [read(keys.one(tenantID, kind, id))]),
    // A dashboard comes with its widgets.
    ...(kind === "widget" && id !== undefined ? [read([tenantID, "dashboard", "one"])] : []),
  ]);
}
