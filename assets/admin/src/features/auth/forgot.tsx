import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Button, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { Link } from "react-router";
import { useSetup } from "@/lib/api/me";
import { identity } from "@/lib/identity";
import { ErrorPanel } from "@/ui/error-panel";
import { rules } from "@/ui/form";
import { AuthPage } from "./auth-page";

export function Forgot() {
  const form = useForm({ mode: "uncontrolled", initialValues: { email: "" }, validate: { email: rules.email } });
  const request = useMutation({ mutationFn: identity.requestPasswordReset });
  const setup = useSetup();
  const sendsMail = setup.data?.sendsMail !== false;
  const back = <Anchor component={Link} to="/sign-in"><Trans>Back to signing in</Trans></Anchor>;
  if (setup.isPending) return null;
  if (request.isSuccess) {
    return (
      <AuthPage title={sendsMail ? t`Check your e-mail` : t`Ask the operator of this server`} footer={back}>
        <Text>
          {sendsMail ? (
            <Trans>If there is an account for {request.variables}, a link to choose a new password is on its way.</Trans>
          ) : (
            <Trans>If there is an account for {request.variables}, a link to choose a new password was written to the server’s log. Ask the operator for it.</Trans>
          )}
        </Text>
      </AuthPage>
    );
  }
  return (
    <AuthPage title={t`Forgotten your password?`} text={sendsMail ? t`A link to choose a new one comes by e-mail.` : t`This server sends no e-mail. A link to choose a new password is written to its log: the operator can give it to you.`} footer={back}>
      <form onSubmit={form.onSubmit(({ email }) => request.mutate(email.trim()))} noValidate>
        <Stack gap="md">
          <TextInput label={t`E-mail`} type="email" autoComplete="username" autoFocus key={form.key("email")} {...form.getInputProps("email")} />
          {request.error && <ErrorPanel error={request.error} />}
          <Button type="submit" loading={request.isPending} fullWidth>
            {sendsMail ? <Trans>Send the link</Trans> : <Trans>Create the link</Trans>}
          </Button>
        </Stack>
      </form>
    </AuthPage>
  );
}
