import { t } from "@lingui/core/macro";
import { Button, Group } from "@mantine/core";
import { lazy, Suspense, useSyncExternalStore } from "react";
import { messageOf } from "@/lib/api/errors";
import { createStore } from "@/lib/store";

const Notifications = lazy(async () => ({ default: (await import("./notifications")).Notifications }));

const wanted = createStore(false);

/** The notifications in the corner. Their code is loaded with the first one. */
export function NotificationCorner() {
  const isWanted = useSyncExternalStore(wanted.subscribe, wanted.get);
  if (!isWanted) return null;
  return (
    <Suspense>
      <Notifications position="bottom-right" limit={3} />
    </Suspense>
  );
}

/** What can be done about a notification, such as undoing what it reports. */
export interface NoticeAction {
  label: string;
  run: () => void;
}

async function show(message: string, color: "green" | "yellow" | "red" | "gray", action?: NoticeAction) {
  wanted.set(true);
  const { notifications } = await import("./notifications");
  const act = () => {
    notifications.hide(message);
    action?.run();
  };
  // The same notification is not shown twice at a time.
  notifications.show({
    id: message,
    message: action ? (
      <Group justify="space-between" wrap="nowrap">
        <span>{message}</span>
        <Button size="compact-sm" variant="subtle" onClick={act}>
          {action.label}
        </Button>
      </Group>
    ) : (
      message
    ),
    color,
    autoClose: action || color === "red" || color === "yellow" ? 10_000 : 4_000,
    withBorder: true,
    closeButtonProps: { "aria-label": t`Close` },
  });
}

/** Short notifications in the corner. */
export const notify = {
  done: (message: string, action?: NoticeAction) => void show(message, "green", action),
  info: (message: string) => void show(message, "gray"),
  /** A request that had no effect, without an error. */
  warn: (message: string) => void show(message, "yellow"),
  failed: (error: unknown, what?: string) =>
    void show(what ? `${what}: ${messageOf(error)}` : messageOf(error), "red"),
};
