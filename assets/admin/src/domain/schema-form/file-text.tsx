import { Trans } from "@lingui/react/macro";
import { Button, FileButton, Stack, Textarea, type TextareaProps } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
import type { JsonSchema } from "@/lib/schema/json-schema";
import classes from "./schema-form.module.css";

/** Whether the value is the content of a small text file: a certificate or a key. */
export const isFileText = (schema: JsonSchema): boolean =>
  schema.format === "pem" || schema["x-widget"] === "file";

/** The maximum size read; such files are a few kilobytes. */
const LIMIT = 1_000_000;

/** Edits a text that can be pasted or loaded from a file. */
export function FileText({ onText, ...props }: TextareaProps & { onText: (text: string) => void }) {
  return (
    <Stack gap={4} flex={1} align="flex-start">
      <Textarea
        {...props}
        w="100%"
        autosize
        minRows={2}
        maxRows={8}
        classNames={{ input: classes.mono ?? "" }}
        spellCheck={false}
        onChange={(event) => onText(event.currentTarget.value)}
      />
      <FileButton
        disabled={props.disabled ?? false}
        onChange={(file) => file && void file.slice(0, LIMIT).text().then(onText)}
      >
        {(button) => (
          <Button
            {...button}
            size="compact-xs"
            variant="subtle"
            color="gray"
            leftSection={<IconFileUpload size={14} />}
            disabled={props.disabled ?? false}
          >
            <Trans>Load from file</Trans>
          </Button>
        )}
      </FileButton>
    </Stack>
  );
}
