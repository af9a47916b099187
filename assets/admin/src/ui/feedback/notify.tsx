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

/** The message of the last problem, by the name of what was attempted. */
const problems = new Map<string, string>();

/** Hides the problem of an earlier attempt. */
async function withdraw(attempt: string): Promise<void> {
  const message = problems.get(attempt);
  if (message === undefined) return;
  problems.delete(attempt);
  const { notifications } = await import("./notifications");
  notifications.hide(message);
}

interface Shown {
  action?: NoticeAction | undefined;
  /** The name of what was attempted: only its last problem is shown. */
  attempt?: string | undefined;
}

async function show(
  message: string,
  color: "green" | "yellow" | "red" | "gray",
  { action, attempt }: Shown = {},
) {
  wanted.set(true);
  if (attempt !== undefined) {
    void withdraw(attempt);
    problems.set(attempt, message);
  }
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
  done: (message: string, action?: NoticeAction) => void show(message, "green", { action }),
  info: (message: string) => void show(message, "gray"),
  /** A request that had no effect, without an error. */
  warn: (message: string, attempt?: string) => void show(message, "yellow", { attempt }),
  /** Starts with `what`, the name of what failed. Replaces the problem of an earlier `attempt` at it. */
  failed: (error: unknown, what?: string, attempt = what) =>
    void show(what ? `${what}: ${messageOf(error)}` : messageOf(error), "red", { attempt }),
  /** Hides the problem of an earlier attempt, because a new one starts. */
  retried: (attempt: string) => void withdraw(attempt),
};
