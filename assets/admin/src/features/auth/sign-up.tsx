import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, Navigate } from "react-router";
import { api } from "@/lib/api/client";
import { setupKey, useSession, useSetup } from "@/lib/api/me";
import { session } from "@/lib/session/session";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { landErrors, rules } from "@/ui/input/form-errors";
import { AuthPage } from "./auth-page";
import { useNext, withNext } from "./next";

/** Creates an account: the first one of the server, or another one where that is allowed. */
export function SignUp() {
  const { status } = useSession();
  const setup = useSetup();
  const next = useNext();
  const [isNew, setIsNew] = useState(false);
  const token = /^\/invite\/([^/?#]+)/.exec(next)?.[1];
  const invitation = useQuery({
    queryKey: ["invitation", token],
    queryFn: ({ signal }) =>
      api.get("/api/v1/invitations/{token}", { path: { token: token ?? "" }, signal, anonymous: true }),
    enabled: token !== undefined,
    retry: false,
  });
  // Signing up for an invitation accepts it.
  if (status === "signedIn") return <Navigate replace to={next} state={{ accept: isNew }} />;
  if (setup.error) {
    return (
      <AuthPage title={t`Create an account`}>
        <ErrorPanel error={setup.error} onRetry={() => void setup.refetch()} />
      </AuthPage>
    );
  }
  if (!setup.data || invitation.isLoading) return null;
  const first = setup.data.needsFirstAccount;
  const signIn = (
    <Anchor component={Link} to={withNext("/sign-in", next)}>
      <Trans>Sign in</Trans>
    </Anchor>
  );
  if (!first && (setup.data.signup === "closed" || (setup.data.signup === "invite" && !invitation.data))) {
    return (
      <AuthPage
        title={t`Sign-up is by invitation only`}
        footer={
          <>
            <Trans>Already have an account? {signIn}</Trans>
          </>
        }
      >
        <Text>
          <Trans>Ask the owner of a tenant on this server for an invitation link.</Trans>
        </Text>
      </AuthPage>
    );
  }
  return (
    <AuthPage
      title={first ? t`Set up this server` : t`Create an account`}
      text={first ? t`This is the first account on this server.` : undefined}
      footer={
        !first && (
          <>
            <Trans>Already have an account? {signIn}</Trans>
          </>
        )
      }
    >
      <SignUpForm
        label={first ? t`Create first account` : t`Create account`}
        {...(token && invitation.data ? { invitation: { token, email: invitation.data.email } } : {})}
        // An invitation allows sign-up only for its own email address.
        onSubmit={() => setIsNew(true)}
        fixed={setup.data.signup === "invite" && !first}
      />
    </AuthPage>
  );
}

function SignUpForm({
  label,
  invitation,
  onSubmit,
  fixed,
}: {
  label: string;
  invitation?: { token: string; email: string };
  onSubmit: () => void;
  fixed: boolean;
}) {
  const client = useQueryClient();
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { name: "", email: invitation?.email ?? "", password: "" },
    validate: { name: rules.needed(t`Your name`), email: rules.email, password: rules.password },
  });
  const signUp = useMutation({
    mutationFn: session.signUp,
    onMutate: onSubmit,
    onSuccess: () => client.invalidateQueries({ queryKey: setupKey }),
    onError: (error) => landErrors(form, error),
  });
  return (
    <form
      onSubmit={form.onSubmit(({ name, email, password }) =>
        signUp.mutate({
          name: name.trim(),
          email: email.trim(),
          password,
          ...(invitation ? { invitationToken: invitation.token } : {}),
        }),
      )}
      noValidate
    >
      <Stack gap="md">
        <TextInput
          label={t`Your name`}
          autoComplete="name"
          autoFocus
          key={form.key("name")}
          {...form.getInputProps("name")}
        />
        <TextInput
          label={t`Email`}
          type="email"
          autoComplete="username"
          readOnly={fixed}
          variant={fixed ? "filled" : "default"}
          key={form.key("email")}
          {...form.getInputProps("email")}
        />
        <PasswordInput
          label={t`Password`}
          description={t`At least 8 characters`}
          autoComplete="new-password"
          key={form.key("password")}
          {...form.getInputProps("password")}
        />
        {signUp.error && <ErrorPanel error={signUp.error} title={t`Could not create the account`} />}
        <Button type="submit" loading={signUp.isPending} fullWidth>
          {label}
        </Button>
      </Stack>
    </form>
  );
}
