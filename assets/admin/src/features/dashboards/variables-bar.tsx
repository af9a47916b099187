import { t } from "@lingui/core/macro";
import { Button, Group, Select } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconX } from "@tabler/icons-react";
import { useState } from "react";
import type { DashboardVariable, JsonObject } from "@/lib/api/model";
import { ValueInput } from "@/ui/value-input";
import classes from "./dashboards.module.css";
import type { Choice, LiveData } from "./live-data";
import { RangeInput } from "./range-input";
import { inputType, labelOfVariable, textOfValue, wordsOfValue } from "./variables";

interface VariablesBarProps {
  variables: readonly DashboardVariable[];
  values: JsonObject;
  choices: LiveData["choices"];
  /** Those that a click on a row or a point has set. */
  filtered: readonly DashboardVariable[];
  onChange: (variable: DashboardVariable, value: unknown) => void;
}

/** What the viewer may choose, and what they have chosen by pointing at it. */
export function VariablesBar({ variables, values, choices, filtered, onChange }: VariablesBarProps) {
  if (variables.length === 0 && filtered.length === 0) return null;
  return (
    <Group gap="md" className={classes.variables} component="section" aria-label={t`Variables`}>
      {variables.map((variable) => (
        <Variable key={`${variable.name} ${variable.type}`} variable={variable} value={values[variable.name]} choices={choices[variable.name]} onChange={(value) => onChange(variable, value)} />
      ))}
      {filtered.map((variable) => (
        <Button key={variable.name} size="xs" variant="light" radius="xl" className={classes.chip} rightSection={<IconX size={14} />} aria-label={t`Clear the filter ${labelOfVariable(variable)}: ${wordsOfValue(variable, values[variable.name])}`} onClick={() => onChange(variable, variable.default)}>
          {labelOfVariable(variable)}: {wordsOfValue(variable, values[variable.name])}
        </Button>
      ))}
    </Group>
  );
}

interface VariableProps {
  variable: DashboardVariable;
  value: unknown;
  choices: Choice[] | undefined;
  onChange: (value: unknown) => void;
}

function Variable({ variable, value, choices, onChange }: VariableProps) {
  const label = labelOfVariable(variable);
  if (variable.type === "dateRange") {
    return (
      <div className={classes.variable} data-wide>
        <span>{label}</span>
        <RangeInput label={label} value={value} clearable={!variable.default} onChange={onChange} />
      </div>
    );
  }
  return (
    <label className={classes.variable}>
      <span>{label}</span>
      {choices ? <Chooser label={label} value={textOfValue(value)} choices={choices} onChange={onChange} /> : <Typed variable={variable} type={inputType[variable.type]} label={label} value={value} onChange={onChange} />}
    </label>
  );
}

/** One of the values that a query has, or the one that the address brought. */
function Chooser({ label, value, choices, onChange }: { label: string; value: string; choices: Choice[]; onChange: (value: unknown) => void }) {
  const known = choices.some((choice) => choice.value === value);
  return <Select size="xs" aria-label={label} placeholder={t`Any`} data={value && !known ? [{ value, label: value }, ...choices] : choices} value={value || null} clearable searchable={choices.length > 8} limit={200} nothingFoundMessage={t`Nothing matches`} onChange={onChange} />;
}

interface TypedProps extends Omit<VariableProps, "choices"> {
  type: React.ComponentProps<typeof ValueInput>["type"];
  label: string;
}

function Typed({ variable, type, label, value, onChange }: TypedProps) {
  const [typed, setTyped] = useState<{ value: unknown } | null>(null);
  const send = useDebouncedCallback((next: unknown) => {
    onChange(next ?? null);
    setTyped(null);
  }, 400);
  const immediate = variable.type === "select" || variable.type === "date";
  return (
    <ValueInput
      type={type}
      size="xs"
      ariaLabel={label}
      placeholder={variable.type === "select" ? t`Any` : ""}
      required={variable.default !== null && variable.default !== undefined}
      allowed={variable.type === "select" ? variable.options : []}
      value={typed ? typed.value : value}
      onChange={(next) => {
        if (immediate) return onChange(next ?? null);
        setTyped({ value: next });
        send(next);
      }}
    />
  );
}
