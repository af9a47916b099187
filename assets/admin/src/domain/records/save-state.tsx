import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { Time } from "@/ui/text/time";

interface SaveStateProps {
  dirty: boolean;
  saving?: boolean;
  savedAt?: string | undefined;
  version?: number | undefined;
}

/** "Saved 2 s ago · v14". */
export function SaveState({ dirty, saving = false, savedAt, version }: SaveStateProps) {
  return (
    <Text size="sm" c="dimmed" aria-live="polite" className="tabular">
      {saving ? (
        t`Saving…`
      ) : dirty ? (
        t`Unsaved changes`
      ) : savedAt ? (
        <Trans>
          Saved <Time value={savedAt} />
        </Trans>
      ) : (
        t`Not saved yet`
      )}
      {!saving && (dirty || savedAt) && version !== undefined && (
        <>
          {" · "}v{version}
        </>
      )}
    </Text>
  );
}
