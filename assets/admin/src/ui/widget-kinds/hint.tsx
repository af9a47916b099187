import { Center, Text } from "@mantine/core";

/** A quiet sentence in place of a picture; `alert` for one that tells of something to mend. */
export function Hint({ text, alert = false }: { text: string; alert?: boolean }) {
  return (
    <Center h="100%" mih={40} p="sm">
      <Text size="sm" c={alert ? "var(--mantine-color-text)" : "dimmed"} ta="center" {...(alert ? { role: "alert" } : {})}>
        {text}
      </Text>
    </Center>
  );
}
