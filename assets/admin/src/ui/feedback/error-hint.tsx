import { Group, Text } from "@mantine/core";
import { IconBulb } from "@tabler/icons-react";

/** Suggests how to fix an error. */
export function ErrorHint({ text }: { text: string }) {
  return (
    <Group gap={6} mt="sm" wrap="nowrap" align="flex-start">
      <IconBulb size={16} style={{ flex: "none", marginTop: 2 }} aria-hidden />
      <Text size="sm">{text}</Text>
    </Group>
  );
}
