import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { User } from "@/lib/api/model";
import { session } from "@/lib/session/session";
import { ErrorPanel } from "@/ui/feedback/error-panel";

/** Shown when the session expires over unsaved work: the same user signs in again and continues. */
export function SignInAgain({ user }: { user: User }) {
  const [password, setPassword] = useState("");
  const signIn = useMutation({ mutationFn: session.signIn });
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    signIn.mutate({ email: user.email, password });
  };
  return (
    // Above every other dialog, and it cannot be dismissed.
    <Modal
      opened
      onClose={() => undefined}
      zIndex={500}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      title={t`Your session has expired`}
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text>
            <Trans>Sign in again to continue. Your unsaved changes are still here.</Trans>
          </Text>
          <TextInput
            label={t`Email`}
            type="email"
            autoComplete="username"
            value={user.email}
            readOnly
            variant="filled"
          />
          <PasswordInput
            label={t`Password`}
            autoComplete="current-password"
            data-autofocus
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {signIn.error && <ErrorPanel error={signIn.error} title={t`Could not sign in`} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => void session.signOut()}>
              <Trans>Sign out instead</Trans>
            </Button>
            <Button type="submit" loading={signIn.isPending} disabled={!password}>
              <Trans>Sign in</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
