import { Text } from "@mantine/core";
import { ExactNumberInput } from "@/ui/input/exact-number-input";
import { shownElsewhere, type FormField } from "./form-fields";

/** What the inputs of all types of fields share. */
export interface CommonProps {
  label: string;
  description: string | undefined;
  error: string | undefined;
  disabled: boolean;
  withAsterisk: boolean;
  "aria-label"?: string | undefined;
}

interface NumberFieldProps extends CommonProps {
  field: FormField;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** Edits a number, with its unit and how it is shown elsewhere. */
export function NumberField({ field, value, onChange, ...common }: NumberFieldProps) {
  const { min, max, unit, placeholder } = field;
  const shown = shownElsewhere(field, value);
  return (
    <ExactNumberInput
      {...common}
      {...(shown
        ? { inputContainer: (input: React.ReactNode) => <ShownAs input={input} words={shown} /> }
        : {})}
      {...(unit ? { rightSection: <Unit words={unit} />, rightSectionWidth: 16 + 8 * unit.length } : {})}
      value={value}
      {...(placeholder ? { placeholder } : {})}
      {...(min === null ? {} : { min })}
      {...(max === null ? {} : { max })}
      onChange={onChange}
    />
  );
}

/** The unit of a number, at the end of its input. */
const Unit = ({ words }: { words: string }) => (
  <Text size="sm" c="var(--jet-muted)" aria-hidden>
    {words}
  </Text>
);

/** The input of a number, and how the number is shown elsewhere. */
const ShownAs = ({ input, words }: { input: React.ReactNode; words: string }) => (
  <>
    {input}
    <Text size="xs" c="var(--jet-muted)" mt={4}>
      = {words}
    </Text>
  </>
);
