import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { NumberInput, Select, Stack, Text } from "@mantine/core";
import { ResourceSelect } from "@/domain/records/resource-select";
import type { JsonObject } from "@/lib/api/model";
import type { FieldErrors } from "@/lib/schema/paths";

interface LimitsEditorProps {
  settings: JsonObject;
  errors: FieldErrors;
  onChange: (settings: JsonObject, tag: string) => void;
}

export const whenFull = [
  { value: "queue", label: t`Queue the new run` },
  { value: "skip", label: t`Cancel the new run` },
  { value: "replace", label: t`Stop the oldest run` },
];

/** Edits timeouts, concurrency, and what happens when a run fails. */
export function LimitsEditor({ settings, errors, onChange }: LimitsEditorProps) {
  const set = (name: string, value: unknown) => {
    const { [name]: _, ...rest } = settings;
    onChange(value === undefined || value === null || value === "" ? rest : { ...rest, [name]: value }, name);
  };
  const number = (name: string) => {
    const value = settings[name];
    return {
      value: typeof value === "number" ? value : "",
      error: errors[`settings.${name}`],
      allowDecimal: false,
      clampBehavior: "none" as const,
      onChange: (next: unknown) => set(name, typeof next === "number" && next > 0 ? next : undefined),
    };
  };
  const limited = typeof settings["maxConcurrentRuns"] === "number";
  const alarm = typeof settings["errorWorkflowID"] === "string" ? settings["errorWorkflowID"] : null;
  return (
    <Stack gap="md">
      <div>
        <Text fw={500} size="sm">
          <Trans>Limits</Trans>
        </Text>
        <Text size="xs" c="dimmed">
          <Trans>Timeouts, concurrency and errors</Trans>
        </Text>
      </div>
      <NumberInput
        label={t`Timeout (s)`}
        description={t`Runs that take longer fail. Leave empty for no timeout.`}
        min={1}
        max={2_592_000}
        {...number("timeoutSeconds")}
      />
      <NumberInput
        label={t`Concurrency limit`}
        description={t`Waiting runs count too. Leave empty for no limit.`}
        min={1}
        max={1000}
        {...number("maxConcurrentRuns")}
      />
      {limited && (
        <Select
          label={t`When the limit is reached`}
          data={whenFull}
          value={typeof settings["whenFull"] === "string" ? settings["whenFull"] : "queue"}
          onChange={(value) => set("whenFull", value === "queue" ? undefined : value)}
        />
      )}
      <ResourceSelect
        kind="workflow"
        label={t`Workflow to run on failure`}
        description={t`Its input contains the failed run, the step and the error`}
        placeholder={t`None`}
        clearable
        error={errors["settings.errorWorkflowID"]}
        value={alarm}
        onChange={(id) => set("errorWorkflowID", id)}
      />
    </Stack>
  );
}
