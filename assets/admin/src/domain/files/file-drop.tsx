import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, FileButton, Group, Progress, Stack, Text } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import { messageOf } from "@/lib/api/errors";
import type { File as FileRecord } from "@/lib/api/model";
import { useUpload } from "@/lib/api/subjects/files";
import { TAKES_FILES } from "@/lib/files/takes-files";
import classes from "./file-drop.module.css";

interface FileDropProps {
  /** The id of the file whose content is replaced; absent for a new file. */
  replaces?: string;
  disabled?: boolean;
  onDone: (file: FileRecord) => void;
}

/** Accepts a file by click or drop and uploads it immediately. */
export function FileDrop({ replaces, disabled = false, onDone }: FileDropProps) {
  const { send, sending, error, cancel } = useUpload(replaces);
  const [over, setOver] = useState(false);

  const take = (file: File | null | undefined) => {
    if (file && !disabled && !sending) void send(file).then((record) => record && onDone(record));
  };
  return (
    <Stack gap={4}>
      <div
        className={classes.drop}
        {...{ [TAKES_FILES]: true }}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take(event.dataTransfer.files[0]);
        }}
      >
        {sending ? (
          <>
            <Stack gap={6} style={{ flex: 1, minWidth: 0 }}>
              <Text size="sm" truncate>
                {sending.name}
              </Text>
              <Progress value={sending.part * 100} aria-label={t`Uploading ${sending.name}`} />
            </Stack>
            <Button variant="default" size="xs" onClick={cancel}>
              <Trans>Cancel</Trans>
            </Button>
          </>
        ) : (
          <Group gap="sm">
            <FileButton onChange={take} disabled={disabled}>
              {(props) => (
                <Button
                  {...props}
                  variant="default"
                  size="xs"
                  disabled={disabled}
                  leftSection={<IconUpload size={14} />}
                >
                  <Trans>Upload file</Trans>
                </Button>
              )}
            </FileButton>
            <Text size="sm" c="var(--jet-muted)">
              <Trans>or drop a file here (CSV, Excel, JSON)</Trans>
            </Text>
          </Group>
        )}
      </div>
      {Boolean(error) && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {messageOf(error)}
        </Text>
      )}
    </Stack>
  );
}
