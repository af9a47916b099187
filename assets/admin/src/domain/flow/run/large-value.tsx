import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Code, Group, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { authFetch } from "@/lib/api/client";
import { formatBytes } from "@/lib/format/format";
import { saveBlob } from "@/lib/http/download";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import classes from "./run.module.css";

/** Browsers render this much text without a noticeable delay. */
const SHOWN = 32 << 10;

interface LargeValueProps {
  /** The path on the server. */
  path: string;
  /** The button's label. */
  load: string;
  bytes: number;
  fileName: string;
}

/** A value that the record of a run omits because it is large: loaded on demand, shown in part, downloaded in full. */
export function LargeValue({ path, load, bytes, fileName }: LargeValueProps) {
  const [loaded, setLoaded] = useState<{ blob: Blob; start: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const read = async () => {
    setBusy(true);
    setError(null);
    try {
      const blob = await (await authFetch(path)).blob();
      setLoaded({ blob, start: await blob.slice(0, SHOWN).text() });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };

  if (!loaded) {
    return (
      <Stack gap="sm" align="start">
        <Button size="xs" variant="default" loading={busy} onClick={() => void read()}>
          {load}
        </Button>
        {Boolean(error) && <ErrorPanel error={error} title={t`Could not load the value`} />}
      </Stack>
    );
  }
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <Text size="sm" c="dimmed">
          <Trans>
            Showing the first {formatBytes(Math.min(SHOWN, loaded.blob.size))} of {formatBytes(bytes)}.
          </Trans>
        </Text>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} />}
          onClick={() => saveBlob(loaded.blob, fileName)}
        >
          <Trans>Download</Trans>
        </Button>
      </Group>
      <Code block className={classes.logs ?? ""}>
        {loaded.start}
      </Code>
    </Stack>
  );
}
