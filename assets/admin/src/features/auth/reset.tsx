import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Button, PasswordInput, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { identity } from "@/lib/session/identity";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { rules } from "@/ui/input/form-errors";
import { AuthPage } from "./auth-page";

export function Reset() {
  const [search] = useSearchParams();
  const code = search.get("oobCode") ?? "";
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { password: "" },
    validate: { password: rules.password },
  });
  const reset = useMutation({ mutationFn: (password: string) => identity.resetPassword(code, password) });
  if (!code) {
    return (
      <AuthPage
        title={t`This link is incomplete`}
        footer={
          <Anchor component={Link} to="/forgot">
            <Trans>Request a new link</Trans>
          </Anchor>
        }
      >
        <Text>
          <Trans>Copy the full link from the email.</Trans>
        </Text>
      </AuthPage>
    );
  }
  if (reset.isSuccess) {
    return (
      <AuthPage title={t`Your password has been changed`}>
        <Button component={Link} to="/sign-in" fullWidth>
          <Trans>Sign in</Trans>
        </Button>
      </AuthPage>
    );
  }
  return (
    <AuthPage
      title={t`Choose a new password`}
      footer={
        reset.error && (
          <Anchor component={Link} to="/forgot">
            <Trans>Request a new link</Trans>
          </Anchor>
        )
      }
    >
      <form onSubmit={form.onSubmit(({ password }) => reset.mutate(password))} noValidate>
        <Stack gap="md">
          <PasswordInput
            label={t`New password`}
            description={t`At least 8 characters`}
            autoComplete="new-password"
            autoFocus
            key={form.key("password")}
            {...form.getInputProps("password")}
          />
          {reset.error && <ErrorPanel error={reset.error} />}
          <Button type="submit" loading={reset.isPending} fullWidth>
            <Trans>Change password</Trans>
          </Button>
        </Stack>
      </form>
    </AuthPage>
  );
}
