import { t } from "@lingui/core/macro";
import { ActionIcon, Code, Group, Input, Text, Tooltip } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { ConfirmDelete } from "@/domain/records/confirm-delete";
import type { TriggerState } from "@/lib/api/model";
import { useRotateWebhook } from "@/lib/api/subjects/triggers";
import { at } from "@/lib/http/base";
import { CopyButton } from "@/ui/text/copy-button";

interface WebhookAddressProps {
  workflowID: string;
  /** Undefined until the webhook is saved. */
  state: TriggerState | undefined;
  editable: boolean;
}

/** Shows the URL of a webhook, and can replace it. */
export function WebhookAddress({ workflowID, state, editable }: WebhookAddressProps) {
  const rotate = useRotateWebhook(workflowID);
  const [asking, setAsking] = useState(false);
  const address = state?.path ? `${window.location.origin}${at(state.path)}` : null;
  return (
    <Input.Wrapper
      label={t`URL`}
      labelElement="div"
      description={address ? t`Anyone who knows this URL can start runs` : undefined}
    >
      {address && state ? (
        <Group gap={4} wrap="nowrap" mt={4}>
          <Code flex={1} style={{ overflowWrap: "anywhere" }}>
            {address}
          </Code>
          <CopyButton value={address} label={t`Copy URL`} />
          {editable && (
            <Tooltip label={t`Replace URL`}>
              <ActionIcon size="sm" aria-label={t`Replace URL`} onClick={() => setAsking(true)}>
                <IconRefresh size={14} />
              </ActionIcon>
            </Tooltip>
          )}
          <ConfirmDelete
            title={t`Replace URL?`}
            verb={t`Replace`}
            name={asking ? address : null}
            consequence={t`The current URL stops working immediately. Give callers the new one.`}
            onClose={() => setAsking(false)}
            onDelete={() => rotate.mutateAsync(state.id)}
          />
        </Group>
      ) : (
        <Text size="sm" c="dimmed">
          {state
            ? t`Visible only to members who can run this workflow.`
            : t`Save the workflow to get the URL.`}
        </Text>
      )}
    </Input.Wrapper>
  );
}
