import { Group, type ComboboxItem, type SelectProps } from "@mantine/core";
import type { Tone } from "@/lib/format/tones";
import classes from "./tone-options.module.css";

/** A dot in a color, beside the text that carries the same meaning. */
const ToneDot = ({ tone }: { tone: Tone | undefined }) => (
  <span className={classes.dot} data-tone={tone} aria-hidden />
);

/** Returns the props of a select whose options have colors; none if no option has one. */
export function toneOptions(
  value: string | null,
  options: readonly string[],
  toneOf: (option: string) => Tone | undefined,
): Pick<SelectProps, "renderOption" | "leftSection"> {
  if (!options.some((option) => toneOf(option) !== undefined)) return {};
  const tone = value === null || value === "" ? undefined : toneOf(value);
  return {
    ...(tone ? { leftSection: <ToneDot tone={tone} /> } : {}),
    renderOption: ({ option }: { option: ComboboxItem }) => (
      <Group gap={8} wrap="nowrap">
        <ToneDot tone={toneOf(option.value)} />
        <span>{option.label}</span>
      </Group>
    ),
  };
}
