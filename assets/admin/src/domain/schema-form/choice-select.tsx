import { Select, Text, type SelectProps } from "@mantine/core";
import { prose } from "@/ui/text/prose";

interface ChoiceSelectProps extends Omit<SelectProps, "data"> {
  choices: { value: string; label: string; description?: string }[];
}

/** Selects one of several values; the list shows each one's description, and the field that of the selected one. */
export function ChoiceSelect({ choices, value, description, ...props }: ChoiceSelectProps) {
  const current = choices.find((choice) => choice.value === value);
  const described = choices.some((choice) => choice.description);
  return (
    <Select
      searchable={choices.length > 8}
      {...props}
      description={props["aria-label"] ? undefined : (prose(current?.description) ?? description)}
      data={choices.map((choice) => ({ value: choice.value, label: choice.label }))}
      value={current?.value ?? null}
      renderOption={({ option }) => {
        const about = choices.find((choice) => choice.value === option.value)?.description;
        return (
          <div>
            <Text size="sm" fw={described ? 500 : 400}>
              {option.label}
            </Text>
            {about && (
              <Text size="xs" c="dimmed" lineClamp={2}>
                {prose(about)}
              </Text>
            )}
          </div>
        );
      }}
    />
  );
}
