import { Anchor, Button, PasswordInput, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { identity } from "@/lib/identity";
import { ErrorPanel } from "@/ui/error-panel";
import { rules } from "@/ui/form";
import { AuthPage } from "./auth-page";

export function Reset() {
  const [search] = useSearchParams();
  const code = search.get("oobCode") ?? "";
  const form = useForm({ mode: "uncontrolled", initialValues: { password: "" }, validate: { password: rules.password } });
  const reset = useMutation({ mutationFn: (password: string) => identity.resetPassword(code, password) });
  if (!code) {
    return (
      <AuthPage title="This link is not complete" footer={<Anchor component={Link} to="/forgot">Ask for a new one</Anchor>}>
        <Text>Copy the whole address from the e-mail.</Text>
      </AuthPage>
    );
  }
  if (reset.isSuccess) {
    return (
      <AuthPage title="Your password is changed">
        <Button component={Link} to="/sign-in" fullWidth>
          Sign in
        </Button>
      </AuthPage>
    );
  }
  return (
    <AuthPage title="Choose a new password" footer={reset.error && <Anchor component={Link} to="/forgot">Ask for a new link</Anchor>}>
      <form onSubmit={form.onSubmit(({ password }) => reset.mutate(password))} noValidate>
        <Stack gap="md">
          <PasswordInput label="New password" description="At least 8 characters" autoComplete="new-password" autoFocus key={form.key("password")} {...form.getInputProps("password")} />
          {reset.error && <ErrorPanel error={reset.error} />}
          <Button type="submit" loading={reset.isPending} fullWidth>
            Change the password
          </Button>
        </Stack>
      </form>
    </AuthPage>
  );
}
