import { Center, Text } from "@mantine/core";

/** A quiet sentence in place of a picture. */
export function Hint({ text }: { text: string }) {
  return (
    <Center h="100%" mih={40} p="sm">
      <Text size="sm" c="dimmed" ta="center">
        {text}
      </Text>
    </Center>
  );
}
