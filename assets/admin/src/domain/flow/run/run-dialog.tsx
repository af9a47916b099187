import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { SchemaForm } from "@/domain/schema-form/schema-form";
import type { JsonObject, Parameter } from "@/lib/api/model";
import { inputSchema, startingInput } from "@/lib/schema/input-schema";
import type { FieldErrors } from "@/lib/schema/paths";
import { validate } from "@/lib/schema/validate";
import { ErrorPanel } from "@/ui/feedback/error-panel";
import { inputErrors, inputRenderers } from "./input-fields";

interface RunDialogProps {
  title: string;
  verb: string;
  inputs: readonly Parameter[];
  /** What will happen, if the title does not say it. */
  about?: React.ReactNode;
  /** Runs a test without lasting effects, if that is possible. */
  preview?: { label: string; run: (input: JsonObject) => void };
  /** An earlier input to start from. */
  earlier?: unknown;
  onClose: () => void;
  /** Starts the run; its rejection is shown here. */
  onRun: (input: JsonObject) => Promise<unknown>;
}

/** Asks for a workflow's inputs and starts a run. Open while mounted. */
export function RunDialog({ title, verb, inputs, about, preview, earlier, onClose, onRun }: RunDialogProps) {
  const schema = inputSchema(inputs);
  const [input, setInput] = useState<JsonObject>(() => startingInput(inputs, earlier));
  const [broken, setBroken] = useState<FieldErrors>({});
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const refused = inputErrors(error, inputs);
  const landed =
    Object.keys(refused).length > 0 && Object.keys(refused).every((path) => path.startsWith("input."));

  const isWhole = () => {
    const found = validate(schema, input, "input");
    setBroken(found);
    return Object.keys(found).length === 0;
  };
  const tryOut = () => {
    if (!preview || !isWhole()) return;
    onClose();
    preview.run(input);
  };
  const run = async (event: React.FormEvent) => {
    event.preventDefault();
    if (!isWhole()) return;
    setBusy(true);
    setError(null);
    await onRun(input).then(onClose, setError);
    setBusy(false);
  };

  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": t`Close` }}>
      <form onSubmit={(event) => void run(event)} noValidate>
        <Stack gap="lg">
          {typeof about === "string" ? <Text size="sm">{about}</Text> : about}
          <SchemaForm
            schema={schema}
            path="input"
            value={input}
            onChange={setInput}
            errors={{ ...refused, ...broken }}
            renderers={inputRenderers}
          />
          {Boolean(error) && !landed && <ErrorPanel error={error} title={t`Could not start the run`} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            {preview && (
              <Button variant="default" onClick={tryOut}>
                {preview.label}
              </Button>
            )}
            <Button type="submit" loading={busy} data-autofocus>
              {verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
