import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { RoleSelect } from "@/domain/tenants/role-select";
import { useCreate } from "@/lib/api/resources";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { ShownOnce } from "@/ui/feedback/shown-once";
import { landErrors, rules } from "@/ui/input/form-errors";

export function InviteDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const invite = useCreate("invitation");
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { email: "", roleID: "" },
    validate: { email: rules.email, roleID: (value) => (value ? null : t`Select a role`) },
  });
  const url = invite.data?.url;
  const close = () => {
    onClose();
    form.reset();
    invite.reset();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={url ? t`Invitation for ${invite.data?.email ?? ""}` : t`Invite a member`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      {url ? (
        <ShownOnce
          value={new URL(url, window.location.origin).href}
          text={t`No email is sent: share this link with the person yourself. It works once, so keep it private.`}
          onDone={close}
        />
      ) : (
        <form
          noValidate
          onSubmit={form.onSubmit((values) =>
            invite.mutate(
              { ...values, email: values.email.trim() },
              { onError: (error) => landErrors(form, error) },
            ),
          )}
        >
          <Stack gap="lg">
            <TextInput
              label={t`Email`}
              type="email"
              data-autofocus
              key={form.key("email")}
              {...form.getInputProps("email")}
            />
            <RoleSelect label={t`Role`} key={form.key("roleID")} {...form.getInputProps("roleID")} />
            {invite.error && <ErrorPanel error={invite.error} title={t`Could not create the invitation`} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                <Trans>Cancel</Trans>
              </Button>
              <Button type="submit" loading={invite.isPending}>
                <Trans>Create invitation link</Trans>
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
