import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useCreate } from "@/lib/api/resources";
import { useTenantLink } from "@/lib/tenant";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { landErrors, rules } from "@/ui/input/form-errors";

/** The step that every workflow starts with. */
const start = { id: "start", type: "start", name: "start", config: {}, position: { x: 0, y: 0 } };

/** Asks for a name and opens the editor. Open while mounted. */
export function NewWorkflow({ onClose }: { onClose: () => void }) {
  const link = useTenantLink();
  const navigate = useNavigate();
  const create = useCreate("workflow");
  const [error, setError] = useState<unknown>(null);
  const form = useForm({ initialValues: { name: "" }, validate: { name: rules.needed(t`Name`) } });
  const submit = form.onSubmit(({ name }) =>
    create.mutate(
      {
        name: name.trim(),
        nodes: [start],
        edges: [],
        inputs: [],
        triggers: [],
        settings: {},
        enabled: false,
      },
      {
        onSuccess: ({ id }) => void navigate(link("workflows", id), { replace: true }),
        onError: (failure) => setError(landErrors(form, failure)),
      },
    ),
  );
  return (
    <Modal opened onClose={onClose} title={t`New workflow`} closeButtonProps={{ "aria-label": t`Close` }}>
      <form onSubmit={submit} noValidate>
        <Stack gap="lg">
          <TextInput
            label={t`Name`}
            withAsterisk
            data-autofocus
            maxLength={255}
            {...form.getInputProps("name")}
          />
          {Boolean(error) && <ErrorPanel error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button type="submit" loading={create.isPending}>
              <Trans>Create</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
