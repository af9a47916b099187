import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ActionIcon, Button, Checkbox, Group, Input, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconCalendarStats, IconPlus, IconTrash } from "@tabler/icons-react";
import { ParameterInput } from "@/domain/schema-form/parameter-input";
import { variableTypes } from "@/domain/variables/variable-types";
import type { DashboardVariable } from "@/lib/api/model";
import { useRowIds } from "@/lib/draft";
import type { FieldErrors } from "@/lib/schema/paths";
import { TagsField } from "@/ui/input/tags-field";
import classes from "./variables-editor.module.css";
import { ChoicesSource } from "./choices-source";
import { RangeInput } from "@/domain/variables/range-input";
import { inputType } from "@/domain/variables/variables";

const EXAMPLE = "{{ vars.name }}";

interface VariablesEditorProps {
  variables: readonly DashboardVariable[];
  errors: FieldErrors;
  onChange: (variables: DashboardVariable[], tag?: string) => void;
}

/** The time range of the whole dashboard: parameters for a first and a last day take it. */
const period: DashboardVariable = {
  name: "period",
  type: "dateRange",
  label: t`Time range`,
  default: "last-30-days",
  options: [],
};

function freeName(variables: readonly DashboardVariable[]): string {
  for (let number = variables.length + 1; ; number += 1) {
    const name = `filter${number}`;
    if (!variables.some((variable) => variable.name === name)) return name;
  }
}

/** Edits the variables that viewers can set; widgets use them as `{{ vars.name }}`. */
export function VariablesEditor({ variables, errors, onChange }: VariablesEditorProps) {
  const ids = useRowIds(variables);
  const set = (index: number, change: Partial<DashboardVariable>) =>
    onChange(
      variables.map((old, at) => (at === index ? { ...old, ...change } : old)),
      `variable ${index} ${Object.keys(change).join(" ")}`,
    );
  return (
    <Stack gap={0}>
      {variables.length === 0 && (
        <Text size="sm" c="dimmed" pb="md">
          <Trans>
            A filter is a value that viewers select, such as a region or a date. Pass it to a widget’s query
            parameter as <code className={classes.code}>{EXAMPLE}</code>.
          </Trans>
        </Text>
      )}
      {variables.map((variable, index) => (
        <VariableFields
          key={ids[index]}
          variable={variable}
          above={variables.slice(0, index).map(({ name }) => name)}
          errors={errors}
          path={`variables[${index}]`}
          onChange={(change) => set(index, change)}
          onRemove={() => onChange(variables.filter((_, at) => at !== index))}
        />
      ))}
      <Group pt={variables.length ? "md" : 0}>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() =>
            onChange([...variables, { name: freeName(variables), type: "text", default: null, options: [] }])
          }
        >
          <Trans>Add filter</Trans>
        </Button>
        {!variables.some(({ type }) => type === "dateRange" || type === "timeRange") && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconCalendarStats size={14} />}
            onClick={() => onChange([...variables, period])}
          >
            <Trans>Add time range</Trans>
          </Button>
        )}
      </Group>
    </Stack>
  );
}

interface VariableFieldsProps {
  variable: DashboardVariable;
  /** The names of the variables above it. */
  above: readonly string[];
  errors: FieldErrors;
  path: string;
  onChange: (change: Partial<DashboardVariable>) => void;
  onRemove: () => void;
}

/** A variable of another type has neither the value nor the options of before. */
const emptyOf = (type: string) => ({ type: type as DashboardVariable["type"], default: null, source: null });

function VariableFields({ variable, above, errors, path, onChange, onRemove }: VariableFieldsProps) {
  const { name, type, label, options, source, default: standard } = variable;
  const isChoice = type === "select" || type === "multiSelect";
  const retype = (next: string | null) => next && next !== type && onChange(emptyOf(next));
  return (
    <Stack gap="sm" className={classes.variableFields}>
      <Group gap="sm" wrap="nowrap" align="flex-end">
        <TextInput
          size="xs"
          label={t`Name`}
          flex={1}
          value={name}
          maxLength={64}
          spellCheck={false}
          error={errors[`${path}.name`]}
          onChange={(event) => onChange({ name: event.currentTarget.value.replace(/\W/g, "_") })}
        />
        <ActionIcon size={28} aria-label={t`Remove ${name}`} onClick={onRemove}>
          <IconTrash size={14} />
        </ActionIcon>
      </Group>
      <Group gap="sm" grow align="flex-start">
        <TextInput
          size="xs"
          label={t`Label`}
          value={label ?? ""}
          onChange={(event) => onChange({ label: event.currentTarget.value })}
        />
        <Select
          size="xs"
          label={t`Type`}
          data={variableTypes}
          value={type}
          error={errors[`${path}.type`]}
          onChange={retype}
        />
      </Group>
      {isChoice && (
        <ChoicesSource
          source={source ?? null}
          errors={errors}
          path={`${path}.source`}
          above={above}
          onChange={(next) => onChange({ source: next, ...(next ? { options: [] } : {}) })}
        />
      )}
      {isChoice && !source && (
        <TagsField
          size="xs"
          label={t`Options`}
          value={options}
          error={errors[`${path}.options`]}
          placeholder={options.length ? "" : t`Type and press Enter`}
          onChange={(next) => onChange({ options: next })}
        />
      )}
      {type === "dateRange" || type === "timeRange" ? (
        <Input.Wrapper size="xs" label={t`Default`} labelElement="div" error={errors[`${path}.default`]}>
          <RangeInput
            label={t`Default`}
            value={standard}
            times={type === "timeRange"}
            clearable
            fullWidth
            onChange={(value) => onChange({ default: value })}
          />
        </Input.Wrapper>
      ) : type === "multiSelect" ? (
        <TagsField
          size="xs"
          label={t`Default`}
          data={options}
          value={Array.isArray(standard) ? standard.map(String) : []}
          error={errors[`${path}.default`]}
          onChange={(next) => onChange({ default: next.length > 0 ? next : null })}
        />
      ) : (
        <ParameterInput
          key={type}
          size="xs"
          label={t`Default`}
          type={inputType[type]}
          allowed={type === "select" ? options : []}
          value={standard}
          error={errors[`${path}.default`]}
          onChange={(value) => onChange({ default: value ?? null })}
        />
      )}
      <Checkbox
        size="xs"
        label={t`Hide in the filter bar`}
        description={t`Set only by selected rows, inputs and links.`}
        checked={variable.hidden === true}
        onChange={(event) => onChange({ hidden: event.currentTarget.checked })}
      />
    </Stack>
  );
}
