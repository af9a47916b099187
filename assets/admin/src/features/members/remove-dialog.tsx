import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Checkbox, Group, List, Modal, Radio, Skeleton, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { learnChange, tellChange } from "@/lib/api/changes";
import { api } from "@/lib/api/client";
import { meKey } from "@/lib/api/me";
import type { Member } from "@/lib/api/model";
import { useTenantID } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";

type Fate = "revoke" | "transfer";

/**
 * Confirms the removal of a member, and asks what happens to the API keys, links and invitations that act on their
 * behalf.
 */
export function RemoveDialog({
  member,
  isMe,
  onClose,
}: {
  member: Member;
  isMe: boolean;
  onClose: () => void;
}) {
  const tenantID = useTenantID();
  const client = useQueryClient();
  const [credentials, setCredentials] = useState<Fate>("revoke");
  const [rotate, setRotate] = useState(false);
  const path = { tenantID, userID: member.userID };
  const left = useQuery({
    queryKey: [tenantID, "member", "credentials", member.userID],
    queryFn: ({ signal }) =>
      api.get("/api/v1/tenants/{tenantID}/members/{userID}/credentials", { path, signal }),
  });
  const remove = useMutation({
    mutationFn: () =>
      api.delete("/api/v1/tenants/{tenantID}/members/{userID}", {
        path,
        query: { credentials, webhooks: rotate ? "rotate" : "keep" },
      }),
    onSuccess: async () => {
      onClose();
      // The member's keys and invitations have changed too, so every list is reloaded.
      const change = { tenantID, kind: "member", id: member.userID, gone: true } as const;
      tellChange(change);
      await Promise.all([learnChange(client, change), client.invalidateQueries({ queryKey: meKey })]);
    },
  });
  const names = [
    ...(left.data?.apiKeys ?? []).map(({ id, name }) => ({ id, text: t`API key ${name}` })),
    ...(left.data?.shares ?? []).map(({ id, dashboardName }) => ({
      id,
      text: t`Share link to dashboard ${dashboardName}`,
    })),
    ...(left.data?.invitations ?? []).map(({ id, email }) => ({ id, text: t`Invitation for ${email}` })),
  ];
  const webhooks = left.data?.webhooks.length ?? 0;
  const who = member.name || member.email;
  return (
    <Modal opened onClose={onClose} title={t`Remove member?`} closeButtonProps={{ "aria-label": t`Close` }}>
      <Stack gap="lg">
        <Text>
          <Trans>
            <b>{who}</b> loses access to this tenant. Everything they created is kept.
          </Trans>
        </Text>
        {left.isPending && <Skeleton h={60} />}
        {left.error && <ErrorPanel error={left.error} onRetry={() => void left.refetch()} />}
        {names.length > 0 && (
          <CredentialFate names={names} value={credentials} onChange={setCredentials} canTransfer={!isMe} />
        )}
        {webhooks > 0 && (
          <Checkbox
            checked={rotate}
            onChange={(event) => setRotate(event.currentTarget.checked)}
            label={plural(webhooks, {
              one: "Replace the URL of # webhook",
              other: "Replace the URLs of # webhooks",
            })}
            description={t`This member could see the URLs, which start runs. Callers must switch to the new ones.`}
          />
        )}
        {remove.error && <ErrorPanel error={remove.error} title={t`Could not remove the member`} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            <Trans>Cancel</Trans>
          </Button>
          <Button
            color="red"
            loading={remove.isPending}
            disabled={!left.data}
            onClick={() => remove.mutate()}
          >
            <Trans>Remove</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function CredentialFate({
  names,
  value,
  onChange,
  canTransfer,
}: {
  names: { id: string; text: string }[];
  value: Fate;
  onChange: (fate: Fate) => void;
  canTransfer: boolean;
}) {
  return (
    <Stack gap="xs">
      <Text>
        <Trans>These act on their behalf:</Trans>
      </Text>
      <List size="sm">
        {names.map(({ id, text }) => (
          <List.Item key={id}>{text}</List.Item>
        ))}
      </List>
      <Radio.Group
        value={value}
        onChange={(next) => onChange(next as Fate)}
        aria-label={t`API keys, links and invitations`}
      >
        <Stack gap="xs">
          <Radio
            value="revoke"
            label={t`Revoke`}
            description={t`They stop working immediately, wherever they are used.`}
          />
          <Radio
            value="transfer"
            disabled={!canTransfer}
            label={t`Transfer to me`}
            description={t`They keep working, but cannot do more than your role allows.`}
          />
        </Stack>
      </Radio.Group>
    </Stack>
  );
}
