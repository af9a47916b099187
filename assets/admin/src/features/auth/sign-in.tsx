import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Button, Divider, Group, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link, Navigate, useLocation } from "react-router";
import { useSession, useSetup } from "@/lib/api/me";
import { session } from "@/lib/session/session";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { landErrors, rules } from "@/ui/input/form-errors";
import { AuthPage } from "./auth-page";
import { DemoAccounts } from "./demo-accounts";
import { useNext, withNext } from "./next";

export function SignIn() {
  const now = useSession();
  const { status } = now;
  const was = (useLocation().state as { was?: string } | null)?.was;
  const setup = useSetup();
  const next = useNext();
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { email: "", password: "" },
    validate: { email: rules.email, password: rules.needed(t`Password`) },
  });
  const signIn = useMutation({ mutationFn: session.signIn, onError: (error) => landErrors(form, error) });

  // An existing session needs no form.
  useEffect(() => {
    if (status === "unknown") session.idToken().catch(() => undefined);
  }, [status]);

  // The page that one user left is not meant for another.
  if (now.status === "signedIn") return <Navigate replace to={was && was !== now.user.id ? "/" : next} />;
  if (setup.data?.needsFirstAccount) return <Navigate replace to={withNext("/sign-up", next)} />;
  if (setup.isPending) return null;
  const open = setup.data?.signup === "open";
  return (
    <AuthPage
      title={t`Sign in`}
      text={t`Dashboards, queries and workflows on your team’s data`}
      footer={
        open && (
          <>
            <Trans>
              No account yet?{" "}
              <Anchor component={Link} to={withNext("/sign-up", next)}>
                Create one
              </Anchor>
            </Trans>
          </>
        )
      }
    >
      {setup.error && <ErrorPanel error={setup.error} onRetry={() => void setup.refetch()} />}
      {setup.data?.demo && setup.data.demoAccounts.length > 0 && (
        <>
          <DemoAccounts
            accounts={setup.data.demoAccounts}
            busy={signIn.isPending}
            onChoose={({ email, password }) => signIn.mutate({ email, password })}
          />
          <Divider label={t`or sign in with your own account`} />
        </>
      )}
      <form
        onSubmit={form.onSubmit(({ email, password }) => signIn.mutate({ email: email.trim(), password }))}
        noValidate
      >
        <Stack gap="md">
          <TextInput
            label={t`Email`}
            type="email"
            autoComplete="username"
            autoFocus={!setup.data?.demo}
            key={form.key("email")}
            {...form.getInputProps("email")}
          />
          <PasswordInput
            label={t`Password`}
            autoComplete="current-password"
            key={form.key("password")}
            {...form.getInputProps("password")}
          />
          {signIn.error && <ErrorPanel error={signIn.error} title={t`Could not sign in`} />}
          <Button type="submit" loading={signIn.isPending} fullWidth>
            <Trans>Sign in</Trans>
          </Button>
          <Group justify="center">
            <Anchor component={Link} to="/forgot" size="sm">
              <Trans>Forgot password?</Trans>
            </Anchor>
          </Group>
        </Stack>
      </form>
    </AuthPage>
  );
}
