import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Button, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { Link } from "react-router";
import { identity } from "@/lib/identity";
import { ErrorPanel } from "@/ui/error-panel";
import { rules } from "@/ui/form";
import { AuthPage } from "./auth-page";

export function Forgot() {
  const form = useForm({ mode: "uncontrolled", initialValues: { email: "" }, validate: { email: rules.email } });
  const request = useMutation({ mutationFn: identity.requestPasswordReset });
  const back = <Anchor component={Link} to="/sign-in"><Trans>Back to signing in</Trans></Anchor>;
  if (request.isSuccess) {
    return (
      <AuthPage title={t`Look into your mailbox`} footer={back}>
        <Text><Trans>If there is an account for {request.variables}, a link to choose a new password is on its way.</Trans></Text>
      </AuthPage>
    );
  }
  return (
    <AuthPage title={t`Forgotten your password?`} text={t`A link to choose a new one comes by e-mail.`} footer={back}>
      <form onSubmit={form.onSubmit(({ email }) => request.mutate(email.trim()))} noValidate>
        <Stack gap="md">
          <TextInput label={t`E-mail`} type="email" autoComplete="username" autoFocus key={form.key("email")} {...form.getInputProps("email")} />
          {request.error && <ErrorPanel error={request.error} />}
          <Button type="submit" loading={request.isPending} fullWidth>
            <Trans>Send the link</Trans>
          </Button>
        </Stack>
      </form>
    </AuthPage>
  );
}
