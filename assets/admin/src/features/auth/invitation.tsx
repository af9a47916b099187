import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Button, Group, Loader, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Link, useLocation, useNavigate, useParams } from "react-router";
import { api } from "@/lib/api/client";
import { isApiError } from "@/lib/api/errors";
import { meKey, useSession } from "@/lib/api/me";
import type { User } from "@/lib/api/model";
import { serverText } from "@/lib/i18n";
import { session } from "@/lib/session/session";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { Time } from "@/ui/text/time";
import { AuthPage } from "./auth-page";
import { withNext } from "./next";

export function Invitation() {
  const { token = "" } = useParams();
  const state = useSession();
  const atOnce = (useLocation().state as { accept?: boolean } | null)?.accept === true;
  const preview = useQuery({
    queryKey: ["invitation", token],
    queryFn: ({ signal }) =>
      api.get("/api/v1/invitations/{token}", { path: { token }, signal, anonymous: true }),
  });

  useEffect(() => {
    if (state.status === "unknown") session.idToken().catch(() => undefined);
  }, [state.status]);

  if (preview.error) {
    const isGone = isApiError(preview.error, "NOT_FOUND");
    return (
      <AuthPage
        title={isGone ? t`This invitation is not valid` : t`Could not load the invitation`}
        text={isGone && t`It may have expired, been withdrawn or already been accepted.`}
        footer={
          <Anchor component={Link} to="/">
            <Trans>Go to the home page</Trans>
          </Anchor>
        }
      >
        {!isGone && <ErrorPanel error={preview.error} onRetry={() => void preview.refetch()} />}
      </AuthPage>
    );
  }
  if (!preview.data || state.status === "unknown")
    return (
      <AuthPage title={t`Invitation`}>
        {<Loader size="sm" role="status" aria-label={t`Loading invitation`} />}
      </AuthPage>
    );
  const { tenantName, email, expiresAt } = preview.data;
  const roleName = serverText(preview.data.roleName);
  return (
    <AuthPage
      title={t`Join ${tenantName}`}
      text={
        <Trans>
          You have been invited as {roleName}. The invitation for {email} expires <Time value={expiresAt} />.
        </Trans>
      }
    >
      {state.status === "signedIn" ? (
        <Accept token={token} user={state.user} atOnce={atOnce} />
      ) : (
        <Choose next={`/invite/${token}`} />
      )}
    </AuthPage>
  );
}

/** Accepts the invitation on a click, or at once for people who have just signed up for it. */
function Accept({ token, user, atOnce }: { token: string; user: User; atOnce: boolean }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const accept = useMutation({
    mutationFn: () => api.post("/api/v1/invitations/{token}/accept", { path: { token } }),
    onSuccess: async ({ tenantID }) => {
      await client.invalidateQueries({ queryKey: meKey });
      await navigate(`/t/${tenantID}`, { replace: true });
    },
  });
  const isAsked = useRef(!atOnce);
  const { mutate } = accept;
  useEffect(() => {
    if (isAsked.current) return;
    isAsked.current = true;
    mutate();
  }, [mutate]);
  return (
    <Stack gap="md">
      {accept.error && <ErrorPanel error={accept.error} />}
      <Button loading={accept.isPending} onClick={() => accept.mutate()} fullWidth>
        <Trans>Accept as {user.name || user.email}</Trans>
      </Button>
      <Group justify="center" gap={4}>
        <Text size="sm" c="dimmed">
          <Trans>Not you?</Trans>
        </Text>
        <Anchor component="button" size="sm" onClick={() => void session.signOut()}>
          <Trans>Sign out</Trans>
        </Anchor>
      </Group>
    </Stack>
  );
}

function Choose({ next }: { next: string }) {
  return (
    <Stack gap="sm">
      <Button component={Link} to={withNext("/sign-up", next)} fullWidth>
        <Trans>Create an account</Trans>
      </Button>
      <Button component={Link} to={withNext("/sign-in", next)} variant="default" fullWidth>
        <Trans>I already have an account</Trans>
      </Button>
    </Stack>
  );
}
