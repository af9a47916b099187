import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useCreate } from "@/lib/api/resources";
import { ErrorPanel } from "@/ui/error-panel";
import { landErrors, rules } from "@/ui/form";
import { RoleSelect } from "@/ui/role-select";
import { ShownOnce } from "@/ui/shown-once";

const lifetimes = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
  { value: "", label: "Never" },
];

const inDays = (days: string): string | null => (days ? new Date(Date.now() + Number(days) * 86_400_000).toISOString() : null);

export function CreateKeyDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const create = useCreate("apikey");
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { name: "", roleID: "", days: "90" },
    validate: { name: rules.needed("Name"), roleID: (value) => (value ? null : "Choose a role") },
  });
  const key = create.data?.key;
  const close = () => {
    onClose();
    form.reset();
    create.reset();
  };
  const submit = ({ name, roleID, days }: typeof form.values) => create.mutate({ name: name.trim(), roleID, expiresAt: inDays(days) }, { onError: (error) => landErrors(form, error) });
  return (
    <Modal opened={opened} onClose={close} title={key ? `Key ${create.data?.name}` : "New API key"} closeButtonProps={{ "aria-label": "Close" }} closeOnClickOutside={!key}>
      {key ? (
        <ShownOnce value={key} text="Copy the key now. Only a hash of it is kept, so it cannot be shown again." onDone={close} />
      ) : (
        <form noValidate onSubmit={form.onSubmit(submit)}>
          <Stack gap="lg">
            <TextInput label="Name" description="What uses it" placeholder="Nightly export" maxLength={255} data-autofocus key={form.key("name")} {...form.getInputProps("name")} />
            <RoleSelect label="Role" description="What it may do" key={form.key("roleID")} {...form.getInputProps("roleID")} />
            <Select label="Ends after" data={lifetimes} allowDeselect={false} key={form.key("days")} {...form.getInputProps("days")} />
            {create.error && <ErrorPanel error={create.error} title="No key was made" />}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" loading={create.isPending}>
                Make the key
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
