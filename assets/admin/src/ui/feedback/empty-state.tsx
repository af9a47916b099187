import { Center, Stack, Text, Title } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";

export interface EmptyStateProps {
  icon: Icon;
  title: string;
  /** What belongs here, in one sentence. */
  text: string;
  /** The primary action. */
  action?: React.ReactNode;
}

export function EmptyState({ icon: Icon, title, text, action }: EmptyStateProps) {
  return (
    <Center py={64} px="xl">
      <Stack align="center" gap="sm" maw={420} ta="center">
        <Icon size={32} stroke={1.2} color="var(--jet-muted)" aria-hidden />
        <Title order={2}>{title}</Title>
        <Text c="dimmed">{text}</Text>
        {action && <div style={{ marginTop: 8 }}>{action}</div>}
      </Stack>
    </Center>
  );
}
