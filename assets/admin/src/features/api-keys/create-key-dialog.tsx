import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { RoleSelect } from "@/domain/tenants/role-select";
import { useCreate } from "@/lib/api/resources";
import { now } from "@/lib/format/dates/clock";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { ShownOnce } from "@/ui/feedback/shown-once";
import { landErrors, rules } from "@/ui/input/form-errors";

const lifetimes = [
  { value: "30", label: t`30 days` },
  { value: "90", label: t`90 days` },
  { value: "365", label: t`1 year` },
  { value: "", label: t`Never` },
];

const inDays = (days: string): string | null =>
  days ? new Date(now() + Number(days) * 86_400_000).toISOString() : null;

export function CreateKeyDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const create = useCreate("apikey");
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { name: "", roleID: "", days: "90" },
    validate: { name: rules.needed(t`Name`), roleID: (value) => (value ? null : t`Select a role`) },
  });
  const key = create.data?.key;
  const close = () => {
    onClose();
    form.reset();
    create.reset();
  };
  const submit = ({ name, roleID, days }: typeof form.values) =>
    create.mutate(
      { name: name.trim(), roleID, expiresAt: inDays(days) },
      { onError: (error) => landErrors(form, error) },
    );
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={key ? t`API key ${create.data?.name ?? ""}` : t`New API key`}
      closeButtonProps={{ "aria-label": t`Close` }}
      closeOnClickOutside={!key}
    >
      {key ? (
        <ShownOnce
          value={key}
          text={t`Copy the key now. You won’t be able to see it again.`}
          onDone={close}
        />
      ) : (
        <form noValidate onSubmit={form.onSubmit(submit)}>
          <Stack gap="lg">
            <TextInput
              label={t`Name`}
              description={t`What the key is used for`}
              placeholder={t`Nightly export`}
              maxLength={255}
              data-autofocus
              key={form.key("name")}
              {...form.getInputProps("name")}
            />
            <RoleSelect
              label={t`Role`}
              description={t`Determines what the key can do`}
              key={form.key("roleID")}
              {...form.getInputProps("roleID")}
            />
            <Select
              label={t`Expiration`}
              data={lifetimes}
              key={form.key("days")}
              {...form.getInputProps("days")}
            />
            {create.error && <ErrorPanel error={create.error} title={t`Could not create the key`} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                <Trans>Cancel</Trans>
              </Button>
              <Button type="submit" loading={create.isPending}>
                <Trans>Create key</Trans>
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
