import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Button, Code, CopyButton, Group, Stack, Text } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

/** Shows a link or key that is never shown again, with a copy button. */
export function ShownOnce({ value, text, onDone }: { value: string; text: string; onDone: () => void }) {
  return (
    <Stack gap="lg">
      <Alert color="yellow" variant="light">
        {text}
      </Alert>
      <Code block style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
        {value}
      </Code>
      <Group justify="space-between">
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />} onClick={copy}>
              {copied ? t`Copied` : t`Copy`}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" onClick={onDone}>
          <Trans>Done</Trans>
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        <Trans>You won’t be able to see this again after closing.</Trans>
      </Text>
    </Stack>
  );
}
