import { Center, Text } from "@mantine/core";

/** A short message instead of the widget; `alert` for a problem to fix. */
export function Hint({ text, alert = false }: { text: string; alert?: boolean }) {
  return (
    <Center h="100%" mih={40} p="sm" data-waits={!alert || undefined}>
      <Text
        size="sm"
        c={alert ? "var(--mantine-color-text)" : "dimmed"}
        ta="center"
        {...(alert ? { role: "alert" } : {})}
      >
        {text}
      </Text>
    </Center>
  );
}
