import { Trans } from "@lingui/react/macro";
import { Button, FileButton, Stack, Textarea, type TextareaProps } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
import type { JsonSchema } from "@/lib/api/json-schema";
import classes from "./schema-form.module.css";

/** Whether the value is what stands in a small text file: a certificate, a key. */
export const isFileText = (schema: JsonSchema): boolean => schema.format === "pem" || schema["x-widget"] === "file";

/** So much is read of a file; what is meant is a few kilobytes. */
const LIMIT = 1_000_000;

/** A text that is pasted, or read from a file. */
export function FileText({ onText, ...props }: TextareaProps & { onText: (text: string) => void }) {
  return (
    <Stack gap={4} flex={1} align="flex-start">
      <Textarea {...props} w="100%" autosize minRows={2} maxRows={8} classNames={{ input: classes.mono ?? "" }} spellCheck={false} onChange={(event) => onText(event.currentTarget.value)} />
      <FileButton disabled={props.disabled ?? false} onChange={(file) => file && void file.slice(0, LIMIT).text().then(onText)}>
        {(button) => (
          <Button {...button} size="compact-xs" variant="subtle" color="gray" leftSection={<IconFileUpload size={14} />} disabled={props.disabled ?? false}>
            <Trans>Load from file</Trans>
          </Button>
        )}
      </FileButton>
    </Stack>
  );
}
