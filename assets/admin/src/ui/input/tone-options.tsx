import { Group, type ComboboxItem, type SelectProps } from "@mantine/core";
import type { Tone } from "@/lib/format/tones";
import type { LabeledOption } from "./same-labels";
import classes from "./tone-options.module.css";

/** A dot in a color, beside the text that carries the same meaning. */
const ToneDot = ({ tone }: { tone: Tone | undefined }) => (
  <span className={classes.dot} data-tone={tone} aria-hidden />
);

/** Returns the props of a select whose options have colors, or what tells them apart; none if no option has either. */
export function toneOptions(
  value: string | null,
  options: readonly (string | LabeledOption)[],
  toneOf: (option: string) => Tone | undefined,
): Pick<SelectProps, "renderOption" | "leftSection"> {
  const hasTones = options.some((option) => toneOf(keyOf(option)) !== undefined);
  const isTold = options.some((option) => typeof option !== "string" && option.secondary !== undefined);
  if (!hasTones && !isTold) return {};
  const tone = value === null || value === "" ? undefined : toneOf(value);
  return {
    ...(tone ? { leftSection: <ToneDot tone={tone} /> } : {}),
    renderOption: ({ option }: { option: ComboboxItem & { secondary?: string } }) => (
      <Group gap={8} wrap="nowrap" flex={1}>
        {hasTones && <ToneDot tone={toneOf(option.value)} />}
        <span className={classes.label}>{option.label}</span>
        {option.secondary !== undefined && <span className={classes.secondary}>{option.secondary}</span>}
      </Group>
    ),
  };
}

const keyOf = (option: string | LabeledOption) => (typeof option === "string" ? option : option.value);
