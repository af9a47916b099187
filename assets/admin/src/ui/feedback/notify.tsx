import { t } from "@lingui/core/macro";
import { lazy, Suspense, useSyncExternalStore } from "react";
import { messageOf } from "@/lib/api/errors";

const Notifications = lazy(async () => ({ default: (await import("./notifications")).Notifications }));

let wanted = false;
const listeners = new Set<() => void>();

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The notifications in the corner. Their code is loaded with the first one. */
export function NotificationCorner() {
  const isWanted = useSyncExternalStore(subscribe, () => wanted);
  if (!isWanted) return null;
  return (
    <Suspense>
      <Notifications position="bottom-right" limit={3} />
    </Suspense>
  );
}

async function show(message: string, color: "green" | "yellow" | "red" | "gray") {
  wanted = true;
  for (const listener of listeners) listener();
  const { notifications } = await import("./notifications");
  // The same notification is not shown twice at a time.
  notifications.show({
    id: message,
    message,
    color,
    autoClose: color === "red" || color === "yellow" ? 10_000 : 4_000,
    withBorder: true,
    closeButtonProps: { "aria-label": t`Close` },
  });
}

/** Short notifications in the corner. */
export const notify = {
  done: (message: string) => void show(message, "green"),
  info: (message: string) => void show(message, "gray"),
  /** A request that had no effect, without an error. */
  warn: (message: string) => void show(message, "yellow"),
  failed: (error: unknown, what?: string) =>
    void show(what ? `${what}: ${messageOf(error)}` : messageOf(error), "red"),
};
