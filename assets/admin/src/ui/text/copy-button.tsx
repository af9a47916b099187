import { t } from "@lingui/core/macro";
import { ActionIcon } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";

/** Uses a plain title: error pages show it too, and should not load the code of tooltips. */
export function CopyButton({ value, label = t`Copy` }: { value: string; label?: string }) {
  const clipboard = useClipboard({ timeout: 1500 });
  const words = clipboard.copied ? t`Copied` : label;
  return (
    <ActionIcon size="sm" aria-label={words} title={words} onClick={() => clipboard.copy(value)}>
      {clipboard.copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
    </ActionIcon>
  );
}
