import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Button, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { Link } from "react-router";
import { useSetup } from "@/lib/api/me";
import { identity } from "@/lib/session/identity";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { rules } from "@/ui/input/form-errors";
import { AuthPage } from "./auth-page";

export function Forgot() {
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { email: "" },
    validate: { email: rules.email },
  });
  const request = useMutation({ mutationFn: identity.requestPasswordReset });
  const setup = useSetup();
  const sendsMail = setup.data?.sendsMail !== false;
  const back = (
    <Anchor component={Link} to="/sign-in">
      <Trans>Back to sign-in</Trans>
    </Anchor>
  );
  if (setup.isPending) return null;
  if (request.isSuccess) {
    return (
      <AuthPage title={sendsMail ? t`Check your email` : t`Contact the server operator`} footer={back}>
        <Text>
          {sendsMail ? (
            <Trans>If an account exists for {request.variables}, we sent a link to reset the password.</Trans>
          ) : (
            <Trans>
              If an account exists for {request.variables}, a link to reset the password was written to the
              server’s log. Ask the person who runs this server for it.
            </Trans>
          )}
        </Text>
      </AuthPage>
    );
  }
  return (
    <AuthPage
      title={t`Forgot password?`}
      text={
        sendsMail
          ? t`Enter your email address to get a link to reset your password.`
          : t`This server does not send email. The link to reset your password is written to the server’s log. Ask the person who runs this server for it.`
      }
      footer={back}
    >
      <form onSubmit={form.onSubmit(({ email }) => request.mutate(email.trim()))} noValidate>
        <Stack gap="md">
          <TextInput
            label={t`Email`}
            type="email"
            autoComplete="username"
            autoFocus
            key={form.key("email")}
            {...form.getInputProps("email")}
          />
          {request.error && <ErrorPanel error={request.error} />}
          <Button type="submit" loading={request.isPending} fullWidth>
            {sendsMail ? <Trans>Send link</Trans> : <Trans>Create link</Trans>}
          </Button>
        </Stack>
      </form>
    </AuthPage>
  );
}
