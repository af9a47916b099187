import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  Alert,
  Button,
  Divider,
  Group,
  PasswordInput,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconMail } from "@tabler/icons-react";
import { isApiError } from "@/lib/api/errors";
import { meKey, useMe, useSetup } from "@/lib/api/me";
import type { User } from "@/lib/api/model";
import { identity } from "@/lib/session/identity";
import { session } from "@/lib/session/session";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { notify } from "@/ui/feedback/notify";
import { rules } from "@/ui/input/form-errors";
import { PageHeader } from "@/ui/page/page-header";

/** Returns the token for the identity endpoints, which take it in the body. */
async function withToken<T>(call: (idToken: string) => Promise<T>): Promise<T> {
  return call((await session.idToken()) ?? "");
}

export function Profile() {
  const { data: me, error, refetch } = useMe();
  return (
    <>
      <PageHeader title={t`Profile`} />
      {error && <ErrorPanel page error={error} onRetry={() => void refetch()} />}
      {!me && !error && <Skeleton m="xl" h={200} maw={480} />}
      {me && (
        <Stack p={{ base: "lg", sm: "xl" }} gap="xl" maw={480}>
          <Verification email={me.user.email} />
          <AccountForm user={me.user} />
          <Divider />
          <EmailForm email={me.user.email} />
          <Divider />
          <PasswordForm email={me.user.email} />
        </Stack>
      )}
    </>
  );
}

const emailStateKey = ["email-state"];

const useEmailState = () =>
  useQuery({ queryKey: emailStateKey, queryFn: () => withToken(identity.emailState), retry: false });

/** Whether the server sends email; assumed while unknown. */
const useSendsMail = () => useSetup().data?.sendsMail !== false;

/** A wrong current password is shown at its field; other errors are shown beside the form. */
const isWrongPassword = (error: unknown) => isApiError(error, "INVALID_LOGIN_CREDENTIALS");

function Verification({ email }: { email: string }) {
  const { data } = useEmailState();
  const send = useMutation({ mutationFn: () => withToken(identity.requestVerification) });
  const sendsMail = useSendsMail();
  // With an external identity provider the state is unknown, so nothing is shown.
  if (data?.verified !== false) return null;
  return (
    <Alert
      color="yellow"
      variant="light"
      icon={<IconMail size={18} />}
      title={t`Your email address is not verified`}
    >
      <Stack gap="sm" align="flex-start">
        <Text size="md">{verificationText(email, { sent: send.isSuccess, sendsMail })}</Text>
        {send.error && <ErrorPanel error={send.error} />}
        {!send.isSuccess && (
          <Button size="xs" variant="default" loading={send.isPending} onClick={() => send.mutate()}>
            {sendsMail ? <Trans>Send link</Trans> : <Trans>Create link</Trans>}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

function verificationText(email: string, { sent, sendsMail }: { sent: boolean; sendsMail: boolean }): string {
  if (!sendsMail)
    return sent
      ? t`The link was written to the server’s log. Ask the person who runs this server for it.`
      : t`This server does not send email. The verification link is written to the server’s log.`;
  return sent ? t`We sent a link to ${email}.` : t`We’ll send you a link to verify it.`;
}

function AccountForm({ user }: { user: User }) {
  const client = useQueryClient();
  const form = useForm({
    initialValues: { name: user.name, photoUrl: user.photoUrl ?? "" },
    validate: {
      name: rules.needed(t`Your name`),
      photoUrl: (url) => (url === "" || /^https:\/\/\S+$/.test(url) ? null : t`Must start with https://`),
    },
  });
  const save = useMutation({
    mutationFn: ({ name, photoUrl }: typeof form.values) =>
      withToken((idToken) => identity.update(idToken, { displayName: name.trim(), photoUrl })),
    onSuccess: async (_, values) => {
      form.resetDirty(values);
      notify.done(t`Profile saved`);
      await session.renew();
      await client.invalidateQueries({ queryKey: meKey });
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
      <Stack gap="md">
        <TextInput label={t`Your name`} autoComplete="name" maxLength={255} {...form.getInputProps("name")} />
        <TextInput
          label={t`Profile image`}
          description={t`URL of a square image`}
          placeholder={t`https://…`}
          {...form.getInputProps("photoUrl")}
        />
        {save.error && <ErrorPanel error={save.error} title={t`Could not save the profile`} />}
        <Group>
          <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
            <Trans>Save</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function EmailForm({ email }: { email: string }) {
  const client = useQueryClient();
  const pending = useEmailState().data?.pending;
  const sendsMail = useSendsMail();
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { newEmail: "", currentPassword: "" },
    validate: { newEmail: rules.email, currentPassword: rules.needed(t`Current password`) },
  });
  const change = useMutation({
    mutationFn: ({ newEmail, currentPassword }: { newEmail: string; currentPassword: string }) =>
      withToken((idToken) =>
        identity.requestEmailChange(idToken, { newEmail: newEmail.trim(), currentPassword }),
      ),
    onSuccess: async () => {
      form.reset();
      await client.invalidateQueries({ queryKey: emailStateKey });
    },
    onError: (error) => {
      if (isWrongPassword(error)) form.setFieldError("currentPassword", t`The current password is incorrect`);
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => change.mutate(values))} noValidate>
      <Stack gap="md">
        <Title order={2}>
          <Trans>Email address</Trans>
        </Title>
        <TextInput label={t`Current email address`} value={email} readOnly variant="filled" />
        {pending && (
          <Alert
            color="blue"
            variant="light"
            icon={<IconMail size={18} />}
            title={t`Confirm your new email address`}
          >
            <Text size="md">
              {sendsMail
                ? t`We sent a link to ${pending}. Open it to confirm the new address. Until then, sign in with ${email}.`
                : t`This server does not send email. The link to confirm ${pending} was written to the server’s log. Ask the person who runs this server for it. Until then, sign in with ${email}.`}
            </Text>
          </Alert>
        )}
        <TextInput
          label={t`New email address`}
          type="email"
          autoComplete="email"
          key={form.key("newEmail")}
          {...form.getInputProps("newEmail")}
        />
        <PasswordInput
          label={t`Current password`}
          autoComplete="current-password"
          key={form.key("currentPassword")}
          {...form.getInputProps("currentPassword")}
        />
        {!sendsMail && (
          <Text size="sm" c="dimmed">
            <Trans>
              This server does not send email. The link to confirm the new address is written to the server’s
              log.
            </Trans>
          </Text>
        )}
        {change.error && !isWrongPassword(change.error) && (
          <ErrorPanel error={change.error} title={t`Could not change the email address`} />
        )}
        <Group>
          <Button type="submit" variant="default" loading={change.isPending}>
            <Trans>Change email address</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function PasswordForm({ email }: { email: string }) {
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { currentPassword: "", password: "" },
    validate: { currentPassword: rules.needed(t`Current password`), password: rules.password },
  });
  const change = useMutation({
    mutationFn: (values: { currentPassword: string; password: string }) =>
      session.renewAfter((idToken) => identity.update(idToken, values), { email, password: values.password }),
    onSuccess: () => {
      form.reset();
      notify.done(t`Password changed. You were signed out on all other devices.`);
    },
    onError: (error) => {
      if (isWrongPassword(error)) form.setFieldError("currentPassword", t`The current password is incorrect`);
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => change.mutate(values))} noValidate>
      <Stack gap="md">
        <Title order={2}>
          <Trans>Password</Trans>
        </Title>
        <PasswordInput
          label={t`Current password`}
          autoComplete="current-password"
          key={form.key("currentPassword")}
          {...form.getInputProps("currentPassword")}
        />
        <PasswordInput
          label={t`New password`}
          description={t`At least 8 characters`}
          autoComplete="new-password"
          key={form.key("password")}
          {...form.getInputProps("password")}
        />
        {change.error && !isWrongPassword(change.error) && (
          <ErrorPanel error={change.error} title={t`Could not change the password`} />
        )}
        <Group>
          <Button type="submit" variant="default" loading={change.isPending}>
            <Trans>Change password</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
