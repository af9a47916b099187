import { Text } from "@mantine/core";
import { Time } from "./time";

interface SaveStateProps {
  dirty: boolean;
  saving?: boolean;
  savedAt?: string | undefined;
  version?: number | undefined;
}

/** "Saved 2 s ago · v14". */
export function SaveState({ dirty, saving = false, savedAt, version }: SaveStateProps) {
  const tail = version === undefined ? "" : ` · v${version}`;
  return (
    <Text size="sm" c="dimmed" aria-live="polite" className="tabular">
      {saving ? "Saving…" : dirty ? `Unsaved changes${tail}` : savedAt ? <>Saved <Time value={savedAt} />{tail}</> : "Not saved yet"}
    </Text>
  );
}
