import { messageOf } from "@/lib/api/errors";

/** Short words in the corner. The library is loaded with the first of them. */
async function show(message: string, color: "green" | "red" | "gray") {
  const { notifications } = await import("@mantine/notifications");
  notifications.show({ message, color, autoClose: color === "red" ? 10_000 : 4_000, withBorder: true, closeButtonProps: { "aria-label": "Close" } });
}

export const notify = {
  done: (message: string) => void show(message, "green"),
  info: (message: string) => void show(message, "gray"),
  failed: (error: unknown, what?: string) => void show(what ? `${what}: ${messageOf(error)}` : messageOf(error), "red"),
};
