import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { learnChange, tellChange } from "@/lib/api/changes";
import { keys } from "@/lib/api/keys";
import { patchOne } from "@/lib/api/resources";
import { useTenantID } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { notify } from "@/ui/feedback/notify";
import { TagsField } from "@/ui/input/tags-field";
import { retagged, sharedTags, useKnownTags, type Taggable } from "./tags";

interface TagsDialogProps {
  kind: Taggable;
  records: readonly { id: string; name: string; version?: number }[];
  onClose: () => void;
}

/** Edits the tags of one record, or those that several records share. */
export function TagsDialog({ kind, records, onClose }: TagsDialogProps) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  const known = useKnownTags(kind);
  const [before] = useState(() => sharedTags(records));
  const [tags, setTags] = useState<string[]>(before);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      for (const record of records) {
        const patch = { tags: retagged(record, before, tags) };
        const version = record.version === undefined ? {} : { version: record.version };
        const saved = await patchOne<Taggable>(tenantID, kind, { id: record.id, patch, ...version });
        client.setQueryData(keys.one(tenantID, kind, record.id), saved);
      }
      notify.done(t`Tags saved`);
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
    tellChange({ tenantID, kind });
    await learnChange(client, { tenantID, kind });
  };
  const name = records[0]?.name ?? "";
  const title =
    records.length === 1
      ? t`Tags of ${name}`
      : plural(records.length, { one: "Tags of # record", other: "Tags of # records" });
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": t`Close` }}>
      <Stack gap="md">
        <TagsField
          label={t`Tags`}
          description={t`Press Enter after each one. Lists can be filtered by them.`}
          data={known}
          value={tags}
          maxTags={20}
          splitChars={[","]}
          data-autofocus
          onChange={setTags}
        />
        {records.length > 1 && (
          <Text size="sm" c="dimmed">
            <Trans>These are the tags that all of them have. Other tags stay.</Trans>
          </Text>
        )}
        {Boolean(error) && <ErrorPanel error={error} title={t`Could not save the tags`} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button loading={busy} onClick={() => void save()}>
            <Trans>Save</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
