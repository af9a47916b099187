import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, PasswordInput, Stack, Switch, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import type { Variable } from "@/lib/api/model";
import { useCreate, usePatch } from "@/lib/api/resources";
import { readValue, showValue } from "@/lib/schema/free-value";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { landErrors } from "@/ui/input/form-errors";

const NAME = /^[A-Za-z_]\w{0,63}$/;

interface VariableDialogProps {
  variable: Variable | "new" | null;
  onClose: () => void;
}

/** Creates or updates a variable. */
export function VariableDialog({ variable, onClose }: VariableDialogProps) {
  return (
    <Modal
      opened={variable !== null}
      onClose={onClose}
      title={variable === "new" ? t`New variable` : t`Edit variable`}
      closeButtonProps={{ "aria-label": t`Close` }}
    >
      {variable && <VariableForm variable={variable === "new" ? null : variable} onClose={onClose} />}
    </Modal>
  );
}

/** Converts the entered text: secrets stay text, other texts are parsed as JSON if they are JSON. */
function meant(text: string, secret: boolean): unknown {
  if (secret) return text;
  const read = readValue(text);
  return "value" in read ? (read.value ?? null) : text;
}

function VariableForm({ variable, onClose }: { variable: Variable | null; onClose: () => void }) {
  const create = useCreate("variable");
  const patch = usePatch("variable");
  const [error, setError] = useState<unknown>(null);
  const form = useForm({
    initialValues: {
      name: variable?.name ?? "",
      description: variable?.description ?? "",
      secret: variable?.secret ?? false,
      value: showValue(variable?.value),
    },
    validate: {
      name: (name) =>
        NAME.test(name.trim()) ? null : t`Use only letters, digits and _, and do not start with a digit`,
      value: (text, { secret }) => {
        const read = secret ? { value: text } : readValue(text);
        if ("broken" in read) return read.broken;
        const kept = Boolean(variable) && text === "";
        return secret && !kept && text.trim().length < 4 ? t`At least 4 characters` : null;
      },
    },
  });
  const { secret } = form.values;

  const submit = async ({ name, description, value: text }: typeof form.values) => {
    const value = meant(text, secret);
    const named = { name: name.trim(), description: description.trim() };
    const saved = variable
      ? patch.mutateAsync({
          id: variable.id,
          version: variable.version,
          patch: { ...named, ...(secret && text === "" ? {} : { value }) },
        })
      : create.mutateAsync({ ...named, secret, value });
    await saved.then(onClose).catch((failed: unknown) => setError(landErrors(form, failed)));
  };

  return (
    <form noValidate onSubmit={form.onSubmit((values) => void submit(values))}>
      <Stack gap="md">
        <TextInput
          label={t`Name`}
          description={t`Used in expressions as vars.${form.values.name.trim() || "name"}`}
          placeholder={t`api_url`}
          withAsterisk
          maxLength={64}
          spellCheck={false}
          data-autofocus
          {...form.getInputProps("name")}
        />
        <Switch
          label={t`Secret`}
          description={t`Stored encrypted and never shown again. This cannot be changed later.`}
          disabled={variable !== null}
          {...form.getInputProps("secret", { type: "checkbox" })}
        />
        {secret ? (
          <PasswordInput
            label={t`Value`}
            autoComplete="new-password"
            placeholder={variable ? t`Enter a new value to replace it` : ""}
            withAsterisk={!variable}
            {...form.getInputProps("value")}
          />
        ) : (
          <Textarea
            label={t`Value`}
            description={t`Text or JSON`}
            autosize
            minRows={2}
            maxRows={12}
            spellCheck={false}
            {...form.getInputProps("value")}
          />
        )}
        <Textarea
          label={t`Description`}
          autosize
          minRows={2}
          maxRows={6}
          {...form.getInputProps("description")}
        />
        {Boolean(error) && <ErrorPanel error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" loading={create.isPending || patch.isPending}>
            {variable ? t`Save` : t`Create`}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
