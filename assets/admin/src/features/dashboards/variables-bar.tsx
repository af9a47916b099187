import { Group } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import type { DashboardVariable, JsonObject } from "@/lib/api/model";
import { ValueInput } from "@/ui/value-input";
import classes from "./dashboards.module.css";
import { inputType, labelOfVariable } from "./variables";

interface VariablesBarProps {
  variables: readonly DashboardVariable[];
  values: JsonObject;
  onChange: (variable: DashboardVariable, value: unknown) => void;
}

/** What the viewer may choose. */
export function VariablesBar({ variables, values, onChange }: VariablesBarProps) {
  if (variables.length === 0) return null;
  return (
    <Group gap="md" className={classes.variables} component="section" aria-label="Variables">
      {variables.map((variable) => (
        <Variable key={`${variable.name} ${variable.type}`} variable={variable} value={values[variable.name]} onChange={(value) => onChange(variable, value)} />
      ))}
    </Group>
  );
}

function Variable({ variable, value, onChange }: { variable: DashboardVariable; value: unknown; onChange: (value: unknown) => void }) {
  const [typed, setTyped] = useState<{ value: unknown } | null>(null);
  const send = useDebouncedCallback((next: unknown) => {
    onChange(next ?? null);
    setTyped(null);
  }, 400);
  const immediate = variable.type === "select" || variable.type === "date";
  const label = labelOfVariable(variable);
  return (
    <label className={classes.variable}>
      <span>{label}</span>
      <ValueInput
        type={inputType[variable.type]}
        size="xs"
        ariaLabel={label}
        placeholder={variable.type === "select" ? "Any" : ""}
        required={variable.default !== null && variable.default !== undefined}
        allowed={variable.type === "select" ? variable.options : []}
        value={typed ? typed.value : value}
        onChange={(next) => {
          if (immediate) return onChange(next ?? null);
          setTyped({ value: next });
          send(next);
        }}
      />
    </label>
  );
}
