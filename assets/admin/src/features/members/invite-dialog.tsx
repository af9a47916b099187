import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useCreate } from "@/lib/api/resources";
import { ErrorPanel } from "@/ui/error-panel";
import { landErrors, rules } from "@/ui/form";
import { RoleSelect } from "@/ui/role-select";
import { ShownOnce } from "@/ui/shown-once";

export function InviteDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const invite = useCreate("invitation");
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { email: "", roleID: "" },
    validate: { email: rules.email, roleID: (value) => (value ? null : "Choose a role") },
  });
  const url = invite.data?.url;
  const close = () => {
    onClose();
    form.reset();
    invite.reset();
  };
  return (
    <Modal opened={opened} onClose={close} title={url ? `Invitation for ${invite.data?.email}` : "Invite someone"} closeButtonProps={{ "aria-label": "Close" }}>
      {url ? (
        <ShownOnce value={new URL(url, window.location.origin).href} text="Send this link to the person. It works once, and only they should have it." onDone={close} />
      ) : (
        <form noValidate onSubmit={form.onSubmit((values) => invite.mutate({ ...values, email: values.email.trim() }, { onError: (error) => landErrors(form, error) }))}>
          <Stack gap="lg">
            <TextInput label="E-mail" type="email" data-autofocus key={form.key("email")} {...form.getInputProps("email")} />
            <RoleSelect label="Role" key={form.key("roleID")} {...form.getInputProps("roleID")} />
            {invite.error && <ErrorPanel error={invite.error} title="No invitation was made" />}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" loading={invite.isPending}>
                Make the link
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
