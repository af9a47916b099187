import { t } from "@lingui/core/macro";
import { CloseButton, TextInput } from "@mantine/core";
import { textOf, type WidgetProps } from "../config";
import { Hint } from "../hint";
import { useTypedVariable } from "./use-variable";

export function TextInputWidget({ config, label }: WidgetProps) {
  const { value, set, problem } = useTypedVariable(textOf(config, "variable"));
  if (problem) return <Hint text={problem} />;
  const text = value === null || value === undefined ? "" : String(value);
  return (
    <TextInput
      aria-label={label}
      placeholder={textOf(config, "placeholder")}
      autoComplete="off"
      maxLength={1000}
      value={text}
      rightSection={
        text && <CloseButton size="sm" aria-label={t`Clear ${label}`} onClick={() => set(null)} />
      }
      onChange={(event) => set(event.currentTarget.value || null)}
    />
  );
}
