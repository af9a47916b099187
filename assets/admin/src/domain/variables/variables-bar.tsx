import { t } from "@lingui/core/macro";
import { Button, Group, Text } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconX } from "@tabler/icons-react";
import { useState } from "react";
import { ParameterInput } from "@/domain/schema-form/parameter-input";
import type { DashboardVariable, JsonObject } from "@/lib/api/model";
import type { Choices, ChoicesData } from "./choices";
import classes from "./variables.module.css";
import { Chooser } from "./chooser";
import { MultiChooser } from "./multi-chooser";
import { RangeInput } from "./range-input";
import { inputType, isSelected, labelOfVariable, textOfValue, wordsOfValue } from "./variables";

interface VariablesBarProps {
  variables: readonly DashboardVariable[];
  values: JsonObject;
  data: ChoicesData;
  /** The variables that were set by a click on a row or a point. */
  filtered: readonly DashboardVariable[];
  /** IANA time zone of ranges; that of the reader if absent. */
  zone?: string | undefined;
  /** The name of the section. */
  label?: string;
  /** A text before the first input that says what the values are for. */
  heading?: string;
  onChange: (variable: DashboardVariable, value: unknown) => void;
}

/** Shows the variables that the viewer can set, and those set by a click. */
export function VariablesBar(props: VariablesBarProps) {
  const { variables, values, data, filtered, zone, label, heading, onChange } = props;
  if (variables.length === 0 && filtered.length === 0) return null;
  return (
    <Group gap="md" className={classes.variables} component="section" aria-label={label ?? t`Filters`}>
      {heading && (
        <Text size="sm" c="dimmed">
          {heading}
        </Text>
      )}
      {variables.map((variable) => (
        <Variable
          key={`${variable.name} ${variable.type}`}
          variable={variable}
          value={values[variable.name]}
          zone={zone}
          choices={data.choices[variable.name]}
          search={data.searchChoices}
          onChange={(value) => onChange(variable, value)}
        />
      ))}
      {filtered.map((variable) => (
        <Button
          key={variable.name}
          size="xs"
          variant="light"
          radius="xl"
          className={classes.chip}
          rightSection={<IconX size={14} />}
          aria-label={t`Clear filter ${labelOfVariable(variable)}: ${wordsOfValue(variable, values[variable.name], zone)}`}
          title={values[variable.name] === null ? t`Queries receive null for this filter.` : undefined}
          onClick={() => onChange(variable, undefined)}
        >
          {labelOfVariable(variable)}: {wordsOfValue(variable, values[variable.name], zone)}
        </Button>
      ))}
    </Group>
  );
}

interface VariableProps {
  variable: DashboardVariable;
  zone: string | undefined;
  value: unknown;
  choices: Choices | undefined;
  search: VariablesBarProps["data"]["searchChoices"];
  /** Undefined clears the value. */
  onChange: (value: unknown) => void;
}

function Variable({ variable, value, choices, search, zone, onChange }: VariableProps) {
  const label = labelOfVariable(variable);
  if (variable.type === "dateRange" || variable.type === "timeRange") {
    return (
      <Labeled label={label}>
        <RangeInput
          label={label}
          value={value}
          times={variable.type === "timeRange"}
          zone={zone}
          clearable={!variable.default}
          onChange={(next) => onChange(next ?? undefined)}
        />
      </Labeled>
    );
  }
  if (variable.type === "multiSelect") {
    return (
      <Labeled label={label}>
        <MultiChooser
          variable={variable}
          label={label}
          value={isSelected(value) ? value : []}
          choices={choices}
          search={search}
          onChange={(next) => onChange(next.length > 0 ? next : undefined)}
        />
      </Labeled>
    );
  }
  return (
    <label className={classes.variable}>
      <span>{label}</span>
      {choices ? (
        <Chooser
          name={variable.name}
          label={label}
          value={textOfValue(value)}
          choices={choices}
          search={search}
          onChange={onChange}
        />
      ) : (
        <Typed
          variable={variable}
          type={inputType[variable.type]}
          label={label}
          value={value}
          onChange={onChange}
        />
      )}
    </label>
  );
}

/** A wide input below its label, which names it itself. */
const Labeled = ({ label, children }: { label: string; children: React.ReactNode }) => (
  <div className={classes.variable} data-wide>
    <span>{label}</span>
    {children}
  </div>
);

interface TypedProps extends Omit<VariableProps, "choices" | "search" | "zone"> {
  type: React.ComponentProps<typeof ParameterInput>["type"];
  label: string;
}

function Typed({ variable, type, label, value, onChange }: TypedProps) {
  const [typed, setTyped] = useState<{ value: unknown } | null>(null);
  const send = useDebouncedCallback((next: unknown) => {
    onChange(next ?? undefined);
    setTyped(null);
  }, 400);
  const immediate = variable.type === "select" || variable.type === "date";
  return (
    <ParameterInput
      type={type}
      size="xs"
      ariaLabel={label}
      placeholder={variable.type === "select" ? t`Any` : ""}
      required={variable.default !== null && variable.default !== undefined}
      allowed={variable.type === "select" ? variable.options : []}
      value={typed ? typed.value : value}
      onChange={(next) => {
        if (immediate) return onChange(next ?? undefined);
        setTyped({ value: next });
        send(next);
      }}
    />
  );
}
