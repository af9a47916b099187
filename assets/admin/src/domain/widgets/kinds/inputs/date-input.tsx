import { TextInput } from "@mantine/core";
import { dayLimits } from "@/lib/format/dates/calendar";
import { textOf, type WidgetProps } from "../config";
import { Hint } from "../hint";
import { useVariable } from "./use-variable";

export function DateInputWidget({ config, label }: WidgetProps) {
  const { value, set, problem } = useVariable(textOf(config, "variable"));
  if (problem) return <Hint text={problem} />;
  return (
    <TextInput
      type="date"
      {...dayLimits}
      aria-label={label}
      value={typeof value === "string" ? value.slice(0, 10) : ""}
      onChange={(event) => set(event.currentTarget.value || null)}
    />
  );
}
